import TestSupport

/// Makes an OCI image layout from a root filesystem, with what is on every Debian: tar and sha256sum.
enum OCILayout {
    /// - Parameters:
    ///   - diffID: What the configuration says that the layer holds; the truth where missing.
    ///   - upper: The archive of a second layer.
    static func make(at directory: String, rootfs: String, diffID: String? = nil, upper: String? = nil) async throws {
        let blobs = "\(directory)/blobs/sha256"
        try await Command.succeed(["mkdir", "-p", blobs])
        var (diffIDs, layers): ([String], [String]) = ([], [])
        for path in [rootfs, upper].compactMap({ $0 }) {
            let (layer, size) = (try await digest(of: path), try await size(of: path))
            try await Command.succeed(["cp", path, "\(blobs)/\(layer)"])
            diffIDs.append("\"\(diffID ?? "sha256:\(layer)")\"")
            layers.append(
                #"{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"sha256:\#(layer)","size":\#(size)}"#)
        }
        let configuration = try await blob(
            #"{"architecture":"amd64","os":"linux","config":{"Env":["PATH=/bin"],"Cmd":["sh"]},"#
                + #""rootfs":{"type":"layers","diff_ids":[\#(diffIDs.joined(separator: ","))]},"history":[]}"#,
            in: blobs
        )
        let manifest = try await blob(
            #"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":"#
                + #"{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:\#(configuration.digest)","size":\#(configuration.size)},"#
                + #""layers":[\#(layers.joined(separator: ","))]}"#,
            in: blobs)
        try TextFile.write(
            #"{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:\#(manifest.digest)","#
                + #""size":\#(manifest.size),"annotations":{"org.opencontainers.image.ref.name":"image"}}]}"#,
            to: "\(directory)/index.json")
        try TextFile.write(#"{"imageLayoutVersion":"1.0.0"}"#, to: "\(directory)/oci-layout")
    }

    private static func blob(_ text: String, in blobs: String) async throws -> (digest: String, size: Int) {
        try TextFile.write(text, to: "\(blobs)/new")
        let digest = try await digest(of: "\(blobs)/new")
        try await Command.succeed(["mv", "\(blobs)/new", "\(blobs)/\(digest)"])
        return (digest, text.utf8.count)
    }

    private static func digest(of path: String) async throws -> String {
        String(try await Command.succeed(["sha256sum", path]).line.prefix(64))
    }

    private static func size(of path: String) async throws -> Int {
        Int(try await Command.succeed(["stat", "--format=%s", path]).line) ?? 0
    }
}
