import JSONRPC

/// Names of containers.
enum ContainerName {
    /// The name without a leading slash; Docker's text when it is none.
    static func check(_ name: String) throws(RPCError) -> String {
        let name = name.hasPrefix("/") ? String(name.dropFirst()) : name
        let bytes = Array(name.utf8)
        let isValid =
            (2...128).contains(bytes.count) && isLetterOrDigit(bytes[0])
            && bytes.dropFirst().allSatisfy { isLetterOrDigit($0) || $0 == 95 || $0 == 46 || $0 == 45 }
        guard isValid else {
            throw RPCError(
                .invalidParams, "Invalid container name (\(name)), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed.")
        }
        return name
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
    }

    /// A readable name that is not taken.
    static func random(isTaken: (String) throws -> Bool) rethrows -> String {
        for attempt in 0... {
            let name = "\(adjectives.randomElement() ?? "calm")_\(nouns.randomElement() ?? "anchor")"
            let candidate = attempt < 8 ? name : "\(name)\(Int.random(in: 2...99_999))"
            if try !isTaken(candidate) { return candidate }
        }
        preconditionFailure("the loop above has no end")
    }

    private static let adjectives = [
        "amber", "brave", "brisk", "calm", "clear", "coastal", "deep", "eager", "early", "fair", "fleet", "gentle",
        "golden", "hardy", "honest", "keen", "lively", "lucid", "merry", "mighty", "nimble", "northern", "patient",
        "placid", "quick", "quiet", "ready", "robust", "silver", "southern", "steady", "stout", "swift", "tidal",
        "true", "upright", "vivid", "western", "windward", "young",
    ]
    private static let nouns = [
        "anchor", "beacon", "bollard", "bow", "breaker", "buoy", "cable", "capstan", "chain", "channel", "compass",
        "cove", "current", "deck", "dock", "ferry", "fjord", "galley", "gull", "harbor", "haven", "helm", "hull",
        "jetty", "keel", "lagoon", "lantern", "mast", "mooring", "oar", "pier", "pilot", "quay", "reef", "rudder",
        "sail", "schooner", "shackle", "strait", "tide", "tiller", "wharf", "winch",
    ]
}
