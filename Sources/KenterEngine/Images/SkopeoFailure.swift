import JSONRPC
import KenterProtocol

/// What skopeo said when it gave up, and what that means to somebody who wanted an image.
struct SkopeoFailure {
    /// Its reason, unquoted: the chain of causes.
    let reason: String

    /// Reads its standard error: the last line is `time="…" level=fatal msg="…"`.
    init(_ output: String) {
        let last = output.split(separator: "\n").last.map(String.init) ?? ""
        guard let start = last.firstRange(of: "msg=\"") else {
            reason = last.isEmpty ? "skopeo ended without a word" : last
            return
        }
        var text = ""
        var isEscaped = false
        for character in last[start.upperBound...] {
            if isEscaped {
                text.append(character == "n" || character == "t" ? " " : character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "\"" {
                break
            } else {
                text.append(character)
            }
        }
        reason = text
    }

    /// The error of a pull, with Docker's text where Docker has one.
    func error(for reference: ImageReference, platform: ImagePlatform? = nil) -> RPCError {
        func says(_ words: String...) -> Bool { words.contains { reason.contains($0) } }
        if says("no image found in manifest list", "no image found in image index") {
            let platform = platform ?? .host
            return RPCError(.notFound, "no matching manifest for \(platform) in the manifest list entries")
        }
        if says("manifest unknown", "manifest invalid") {
            return RPCError(.notFound, "manifest for \(reference.familiar) not found: manifest unknown")
        }
        if says("name unknown", "repository name not known to registry") {
            return RPCError(.notFound, "repository \(reference.familiarName) not found: name unknown")
        }
        if says("requested access to the resource is denied", "unauthorized", "authentication required") {
            return RPCError(
                .permission,
                "pull access denied for \(reference.familiarName), repository does not exist or may require 'skopeo login'"
            )
        }
        if says("Source image rejected", "policy") {
            return RPCError(.permission, "this host's signature policy refuses \(reference.familiar): \(escaped)")
        }
        if says("no space left on device") {
            return RPCError(.exhausted, "cannot pull \(reference.familiar): no space left on device")
        }
        if says(
            "dial tcp", "connection refused", "no such host", "i/o timeout", "TLS", "x509", "EOF", "toomanyrequests")
        {
            return RPCError(
                .unavailable,
                "cannot reach the registry \(reference.registry): \(escapedForMessage(cause)); "
                    + "configure a mirror, or bring the image with 'kenter load'")
        }
        return RPCError(.io, "cannot pull \(reference.familiar): \(escaped)")
    }

    /// The error of reading an archive.
    var errorOfArchive: RPCError {
        if reason.contains("no space left on device") {
            return RPCError(.exhausted, "cannot load the archive: no space left on device")
        }
        return RPCError(.invalidParams, "cannot load the archive: \(escaped)")
    }

    /// The last part of a chain of causes that says what happened: what stands before names things nobody asked for.
    private var cause: String {
        for start in ["dial tcp", "pinging container registry "] {
            if let found = reason.firstRange(of: start) { return String(reason[found.lowerBound...]) }
        }
        return reason
    }

    private var escaped: String { escapedForMessage(reason) }
}
