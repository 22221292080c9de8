import CLinux
import Glibc
import KenterProtocol

/// `-v`, `--mount` and `--tmpfs`.
enum MountOption {
    static func mounts(volumes: [String], mounts: [String], tmpfs: [String]) throws(OptionError) -> [MountRequest] {
        var requests: [MountRequest] = []
        // The same text twice is the same mount, as in Docker.
        for (index, text) in volumes.enumerated() where !volumes[..<index].contains(text) {
            requests.append(try volume(text))
        }
        for text in mounts { requests.append(try mount(text)) }
        for text in tmpfs { requests.append(try temporary(text)) }
        return requests
    }

    /// `target`, `source:target` or `source:target:ro`; a source with a slash in front is a directory, else a volume.
    static func volume(_ text: String) throws(OptionError) -> MountRequest {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        if text.isEmpty { throw OptionError("invalid empty volume spec") }
        if parts.contains("") { throw OptionError("invalid spec: \(text): empty section between colons") }
        guard parts.count <= 3 else { throw OptionError("invalid volume specification: '\(text)'") }
        var request = MountRequest(type: .volume, target: parts.count == 1 ? parts[0] : parts[1])
        if parts.count > 1 {
            request.source = absolute(parts[0])
            request.type = parts[0].hasPrefix("/") || request.source != parts[0] ? .bind : .volume
            // As Docker has it: -v makes a missing directory, --mount does not.
            if request.type == .bind { request.createSource = true }
        }
        if parts.count == 3 { request.readOnly = try isReadOnly(parts[2]) }
        let problem =
            "invalid volume specification: '\(text)': invalid mount config for type \"\(request.type.rawValue)\": "
        if request.target == "/" { throw OptionError(problem + "invalid specification: destination can't be '/'") }
        guard request.target.hasPrefix("/") else {
            throw OptionError(problem + "invalid mount path: '\(request.target)' mount path must be absolute")
        }
        return request
    }

    /// `./data` and `.` belong to this process's directory, as the engine has another one.
    private static func absolute(_ source: String) -> String {
        guard source == "." || source == ".." || source.hasPrefix("./") || source.hasPrefix("../") else {
            return source
        }
        // A directory that does not exist yet is made by the engine.
        guard let resolved = realpath(source, nil) ?? getcwd(nil, 0) else { return source }
        defer { free(resolved) }
        let path = String(cString: resolved)
        return access(source, F_OK) == 0 ? path : "\(path)/\(source)"
    }

    /// `ro`, `rw`, and what changes nothing here: labels of SELinux, the consistency of other systems, private propagation.
    private static func isReadOnly(_ mode: String) throws(OptionError) -> Bool? {
        var access: [Substring] = []
        for word in mode.split(separator: ",", omittingEmptySubsequences: false) {
            switch word {
            case "ro", "rw": access.append(word)
            case "z", "Z", "cached", "delegated", "consistent", "private", "rprivate": break
            case "shared", "rshared", "slave", "rslave", "nocopy":
                throw OptionError("unsupported mode '\(word)' in '\(mode)': use ro or rw")
            default: throw OptionError("invalid mode: \(mode)")
            }
        }
        guard access.count < 2 else { throw OptionError("invalid mode: \(mode)") }
        return access == ["ro"] ? true : nil
    }

    /// `type=bind,source=/data,target=/data,readonly`.
    static func mount(_ text: String) throws(OptionError) -> MountRequest {
        func invalid(_ detail: String) -> OptionError { OptionError(text, for: "--mount", detail) }
        var request = MountRequest(type: .volume, target: "")
        for field in text.split(separator: ",", omittingEmptySubsequences: false) {
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let value = parts.count == 2 ? parts[1] : nil
            switch (parts[0].lowercased(), value) {
            case ("readonly", nil), ("ro", nil): request.readOnly = true
            case ("volume-nocopy", _), ("tmpfs-mode", _): throw invalid("'\(parts[0])' is not supported")
            case ("bind-propagation", "private"), ("bind-propagation", "rprivate"), ("consistency", _): break
            case (_, nil): throw invalid("invalid field '\(field)' must be a key=value pair")
            case ("type", let value?):
                guard let type = MountRequest.Kind(rawValue: value.lowercased()) else {
                    throw invalid("unsupported mount type '\(value)': use bind, volume or tmpfs")
                }
                request.type = type
            case ("source", let value?), ("src", let value?): request.source = value
            case ("target", let value?), ("destination", let value?), ("dst", let value?): request.target = value
            case ("readonly", let value?), ("ro", let value?):
                guard ["true", "1", "false", "0"].contains(value) else {
                    throw invalid("invalid value for \(parts[0]): \(value)")
                }
                request.readOnly = ["true", "1"].contains(value)
            case ("tmpfs-size", let value?): request.sizeBytes = try SizeOption.bytes(value, option: "--mount")
            default: throw invalid("unexpected key '\(parts[0])' in '\(field)'")
            }
        }
        if request.target.isEmpty { throw invalid("target is required") }
        if request.type == .bind, let source = request.source { request.source = absolute(source) }
        return request
    }

    /// `target` or `target:size=64m,ro`. Of the rest only what the engine does anyway is accepted.
    static func temporary(_ text: String) throws(OptionError) -> MountRequest {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        var request = MountRequest(type: .tmpfs, target: parts[0])
        guard parts[0].hasPrefix("/") else {
            throw OptionError(text, for: "--tmpfs", "the mount path must be absolute")
        }
        for option in parts.dropFirst().joined().split(separator: ",") {
            switch option {
            case "ro": request.readOnly = true
            case "rw", "noexec", "nosuid", "nodev", "mode=1777": break
            case _ where option.hasPrefix("size="):
                request.sizeBytes = try SizeOption.bytes(String(option.dropFirst(5)), option: "--tmpfs")
            default:
                throw OptionError(
                    text, for: "--tmpfs",
                    "unsupported option '\(option)': use size=… and ro; the rest is noexec,nosuid,nodev,mode=1777")
            }
        }
        return request
    }
}
