package import JSONRPC
import KenterProtocol

/// Why a link cannot be made, or its consumer not started. The texts are part of the contract: scripts match on them.
package enum LinkRefusal {
    package static func noSuchContainer(_ name: String) -> RPCError {
        RPCError(.invalidParams, "could not get container for \(name): No such container: \(name)")
    }

    package static func toItself(_ name: String) -> RPCError {
        RPCError(.invalidParams, "container \(name) cannot be linked to itself")
    }

    package static func aliasTaken(_ alias: String, by source: String) -> RPCError {
        RPCError(.invalidParams, "link alias \"\(alias)\" is already used by \(source)")
    }

    /// Either end is on the host's network.
    package static var hostNetwork: RPCError {
        RPCError(
            .invalidParams,
            "conflicting options: host type networking can't be used with links. This would result in undefined behavior"
        )
    }

    /// The consumer is in another container's network.
    package static var containerNetwork: RPCError {
        RPCError(
            .invalidParams,
            "conflicting options: container type network can't be used with links. "
                + "This would result in undefined behavior")
    }

    /// The consumer has no network.
    package static var noNetwork: RPCError {
        RPCError(.invalidParams, "conflicting options: none type networking can't be used with links")
    }

    package static func notRunning(source: String, consumer: String, alias: String) -> RPCError {
        RPCError(.precondition, "Cannot link to a non running container: /\(source) AS /\(consumer)/\(alias)")
    }

    package static func otherNetwork(source: String) -> RPCError {
        RPCError(.precondition, "Cannot link to /\(source), as it does not belong to the default network")
    }

    package static func noSuchLink(consumer: String, alias: String) -> RPCError {
        RPCError(.notFound, "No such link: \(consumer)/\(alias)")
    }

    package static func conflict(_ variable: String, _ first: String, _ second: String, consumer: String) -> RPCError {
        RPCError(
            .conflict,
            "the links \"\(first)\" and \"\(second)\" of \(consumer) set the variable \(variable) to different values: "
                + "choose another alias for one of them")
    }
}
