/// Something that `kenter` does.
protocol Command: Sendable {
    /// One line for lists of commands.
    static var abstract: String { get }
    /// More lines for its own help.
    static var discussion: String { get }
    /// The exit status when the command line is wrong, and where Docker has another one than 1.
    static var usageStatus: Int32 { get }

    /// Says what the command understands, and takes what was said; see ``ArgumentReader``.
    init(_ arguments: inout ArgumentReader) throws(CommandFailure)
    func run() async throws
}

extension Command {
    static var discussion: String { "" }
    static var usageStatus: Int32 { 1 }
}
