import CLinux
import Glibc

/// Opens to be read what is open as a place only: the same file, whatever its name leads to by then.
///
/// The way is the host's /proc/self/fd, opened before the process enters a container, whose /proc is hostile or missing.
struct Reopening {
    private let descriptors: Int32

    init() throws(CopyRefusal) {
        descriptors = Glibc.open("/proc/self/fd", clinux_O_PATH | O_DIRECTORY | O_CLOEXEC)
        guard descriptors >= 0 else { throw CopyRefusal("open", Array("/proc/self/fd".utf8)) }
    }

    /// -1 with errno.
    func open(_ descriptor: Int32, _ flags: Int32) -> Int32 { openat(descriptors, "\(descriptor)", flags | O_CLOEXEC) }
}
