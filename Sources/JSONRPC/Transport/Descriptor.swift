import CLinux
import Glibc

/// A file descriptor that is closed when nobody holds it any more, so that its number is never reused under a reader.
public final class Descriptor: Sendable {
    public let number: Int32

    /// Takes ownership of an open descriptor.
    public init(owning number: Int32) {
        self.number = number
    }

    deinit { close(number) }
}
