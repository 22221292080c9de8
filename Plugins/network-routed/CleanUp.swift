import JSONRPC
import KenterProtocol
import Netlink

/// Steps that take something back: each is tried, whatever became of those before it.
struct CleanUp {
    private var failures: [any Error] = []

    init() {}

    /// - Parameter error: why something is taken back; it comes first in what is said.
    init(after error: any Error) { failures = [error] }

    mutating func attempt(_ step: () throws -> Void) {
        do { try step() } catch { failures.append(error) }
    }

    /// What to throw in the end; `nil` where nothing failed.
    var failure: (any Error)? {
        guard failures.count > 1 else { return failures.first }
        let kind = (failures[0] as? RPCError ?? (failures[0] as? NetlinkError).map(RPCError.init))?.kind ?? .io
        return RPCError(kind, failures.map { "\($0)" }.joined(separator: "; "))
    }

    func finish() throws {
        if let failure { throw failure }
    }
}
