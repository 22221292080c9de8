import JSONRPC

/// Where a process of a container starts: a path that its caller or its image has chosen.
enum WorkingDirectory {
    /// Absolute, without `..`, and in none of the kernel's file systems, whose links lead out of the container.
    static func check(_ path: String) throws(RPCError) -> String {
        let components = path.split(separator: "/").filter { $0 != "." }
        guard !components.contains("..") else { throw invalid(path, "must not contain '..'") }
        if components.count > 1, let first = components.first, first == "proc" || first == "sys" {
            throw invalid(path, "must not lie in /\(first)")
        }
        return path
    }

    private static func invalid(_ path: String, _ rule: String) -> RPCError {
        RPCError(.invalidParams, "the working directory '\(path)' is invalid, it \(rule)")
    }
}
