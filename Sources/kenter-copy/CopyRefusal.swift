import Glibc

/// Why nothing more is copied: one line on standard error, whose first word says what kind of reason it is.
struct CopyRefusal: Error, Equatable {
    enum Kind: String {
        /// There is no such path; the text is the path alone.
        case missing
        /// What should be a directory is none; the text is the path alone.
        case notDirectory
        /// There is no directory to unpack in; the text is the path alone.
        case noDirectory
        /// The container's root file system is read-only.
        case rootReadOnly
        /// The mount that the destination lies on is read-only.
        case mountReadOnly
        /// The archive or the path cannot be copied.
        case invalid
        /// The disk is full, or a limit is reached.
        case limit
        /// The system failed.
        case system
    }

    var kind: Kind
    var text: String

    init(_ kind: Kind, _ text: String) {
        self.kind = kind
        self.text = text
    }

    /// What was tried on which path, and why the system refused.
    init(_ action: String, _ path: [UInt8], errno code: Int32 = errno) {
        let kind: Kind =
            switch code {
            case ENOSPC, EDQUOT, EFBIG: .limit
            case EROFS, EBUSY, EPERM, EACCES, ENAMETOOLONG: .invalid
            default: .system
            }
        self.init(kind, "cannot \(action) \(printable(path)): \(String(cString: strerror(code)))")
    }
}

/// A hostile name made safe for one line of text: control characters are escaped, invalid UTF-8 is replaced.
///
/// What is over 512 bytes then is cut: a hundred notes and the reason fit into what is read of them.
func printable(_ name: some Sequence<UInt8>) -> String {
    var text = ""
    for scalar in String(decoding: Array(name.prefix(512)), as: UTF8.self).unicodeScalars {
        let shown =
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: scalar.escaped(asASCII: true)
            default: String(Character(scalar))
            }
        guard text.utf8.count + shown.utf8.count <= 512 else { break }
        text += shown
    }
    return text
}

/// Says what is left out and why, at most a hundred times.
struct CopyNotes {
    private var count = 0

    mutating func note(_ path: [UInt8], _ reason: String) {
        count += 1
        if count <= 100 { writeLine("note \(printable(path)): \(reason)") }
        if count == 101 { writeLine("note …: and more") }
    }
}

func writeLine(_ line: String) {
    var rest = Array("\(line)\n".utf8)[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
        if count <= 0 { return }
        rest = rest.dropFirst(count)
    }
}
