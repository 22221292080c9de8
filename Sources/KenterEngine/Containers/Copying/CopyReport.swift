import JSONRPC
import KenterProtocol

/// What `kenter-copy` says on standard error: notes of what was left out, and at last why it goes no further.
struct CopyReport: Equatable {
    private(set) var skipped: [String] = []
    private(set) var kind: String?
    private(set) var text = ""

    init(_ said: String) {
        for line in said.split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let rest = words.count > 1 ? words[1] : ""
            if words[0] == "note" {
                skipped.append(rest)
            } else {
                (kind, text) = (words[0], rest)
            }
        }
    }

    /// The failure as it travels, in Docker's words where Docker has some.
    ///
    /// - Parameter path: as the call named it.
    func failure(container: String, path: String) -> RPCError {
        switch kind {
        case "missing": RPCError(.notFound, "Could not find the file \(text) in container \(container)")
        case "notDirectory": RPCError(.invalidParams, "\(container):\(text) is not a directory")
        case "noDirectory":
            RPCError(.notFound, "destination \"\(container):\(text)\" must be a directory")
        case "rootReadOnly": RPCError(.permission, "container rootfs is marked read-only")
        case "mountReadOnly": RPCError(.permission, "mounted volume is marked read-only")
        case "invalid": RPCError(.invalidParams, text)
        case "limit": RPCError(.exhausted, text)
        case "system": RPCError(.io, text)
        default: RPCError(.io, "the copy of \(container):\(path) ended without saying why: try again")
        }
    }
}
