import JSONRPC

/// Where a process of a container starts: a path that its caller or its image has chosen.
enum WorkingDirectory {
    /// Absolute, without `..`, and in none of the kernel's file systems, whose links lead out of the container.
    static func check(_ path: String) throws(RPCError) -> String {
        let components = path.split(separator: "/").filter { $0 != "." }
        guard !components.contains("..") else { throw invalid(path, "must not contain '..'") }
        // /dev/fd is a link to /proc/self/fd, in every container.
        for place in [["proc"], ["sys"], ["dev", "fd"]] where components.count > place.count {
            if components.map(String.init).starts(with: place) {
                throw invalid(path, "must not lie in /\(place.joined(separator: "/"))")
            }
        }
        return path
    }

    private static func invalid(_ path: String, _ rule: String) -> RPCError {
        RPCError(.invalidParams, "the working directory '\(path)' is invalid, it \(rule)")
    }
}
