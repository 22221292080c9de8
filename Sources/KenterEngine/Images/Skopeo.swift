import ChildProcess
import CLinux
import Glibc
import JSONRPC
import KenterProtocol

/// The program that speaks with registries and reads archives of images: skopeo(1), in a directory of its own per run.
///
/// Its policy is the host's, from the places containers-policy.json(5) names; only where there is none is anything
/// accepted. Credentials come from the usual files, since it is given the engine's `HOME` and their variables.
struct Skopeo: Sendable {
    /// Mirrors of Docker Hub. Where there are any, they stand in place of the host's registries.conf.
    var mirrors: [RegistryMirror]
    /// Where its user's policy and credentials are.
    var home = variable("HOME") ?? (getuid() == 0 ? "/root" : "/")

    /// One run's surroundings.
    struct Workplace: Sendable {
        /// Its name in the directory that all workplaces share.
        let name: String
        /// An existing directory for temporary files, removed by its owner.
        let directory: String
    }

    /// Where the copy of an image comes from.
    enum Source: Sendable {
        case registry(ImageReference)
        /// An image of an archive, at a path that the process can open; the file itself is its descriptor 3.
        case archive(ArchiveFile, path: String, transport: String, image: String)

        fileprivate var text: String {
            switch self {
            case .registry(let reference): "docker://\(reference)"
            case .archive(_, let path, let transport, let image): "\(transport):\(path)\(image)"
            }
        }
    }

    /// The manifest or index that a registry has for a reference, as it is.
    func manifest(of reference: ImageReference, in workplace: Workplace) async throws -> [UInt8] {
        let limit = OCIManifest.sizeBytesMaximum
        let arguments =
            ["inspect", "--raw", "--retry-times", "2"] + (reference.isLoopback ? ["--tls-verify=false"] : [])
        let collected = try await run(
            arguments + ["--", Source.registry(reference).text], in: workplace, limitBytes: limit + 1)
        guard collected.status == .exited(0) else {
            throw SkopeoFailure(collected.message).error(for: reference)
        }
        guard collected.standardOutput.count <= limit else {
            throw RPCError(.exhausted, "the manifest of \(reference.familiar) has more than \(limit) bytes")
        }
        return collected.standardOutput
    }

    /// Copies one image's blobs into the layout and returns the digest of its manifest there.
    ///
    /// The index of the layout stays as it is: skopeo writes its own into the workplace, so that many can run at once.
    func copy(
        _ source: Source, platform: ImagePlatform?, into layout: OCILayout, in workplace: Workplace
    ) async throws -> String {
        // Layers stay as they are, or unpacking would pay for a compression that nobody asked for.
        var arguments = [
            "copy", "--retry-times", "2", "--dest-oci-accept-uncompressed-layers", "--dest-shared-blob-dir",
            layout.blobDirectory,
        ]
        var descriptors: [Int32: Int32] = [:]
        var named: ImageReference?
        switch source {
        case .registry(let reference):
            if reference.isLoopback { arguments.append("--src-tls-verify=false") }
            named = reference
        case .archive(let file, _, _, _): descriptors[3] = file.descriptor
        }
        let collected = try await run(
            arguments + ["--", source.text, "oci:\(Self.layoutName)"], platform: platform, descriptors: descriptors,
            in: workplace, limitBytes: 64 << 10)
        guard collected.status == .exited(0) else {
            let failure = SkopeoFailure(collected.message)
            throw named.map { failure.error(for: $0, platform: platform) } ?? failure.errorOfArchive
        }
        return try manifestDigest(in: workplace)
    }

    /// Where a copy writes its own index and its unfinished blobs.
    static let layoutName = "layout"

    private func manifestDigest(in workplace: Workplace) throws(RPCError) -> String {
        let index = try ArchiveFile(path: "\(workplace.directory)/\(Self.layoutName)/index.json")
        let object = try scanImageDocument(try index.contents(limitBytes: 1 << 20), "skopeo's index")
        guard let digest = object["manifests"]?.array?.first?.object?["digest"]?.string,
            OCIDescriptor.isDigest(digest)
        else { throw RPCError(.internal, "skopeo left no manifest") }
        return digest
    }

    private func run(
        _ arguments: [String], platform: ImagePlatform? = nil, descriptors: [Int32: Int32] = [:],
        in workplace: Workplace, limitBytes: Int
    ) async throws -> Collected {
        guard let executable = ChildProcess.find("skopeo") else {
            throw RPCError(.unsupported, "skopeo is not installed: install the package skopeo")
        }
        var global = ["--tmpdir", workplace.directory]
        if !hostHasPolicy {
            global += ["--policy", try file("policy.json", Self.permissivePolicy, in: workplace)]
        }
        if !mirrors.isEmpty {
            global += [
                "--registries-conf", try file("mirrors.conf", RegistryMirror.configuration(mirrors), in: workplace),
            ]
        }
        if let platform {
            global += ["--override-os", platform.os, "--override-arch", platform.architecture]
            if let variant = platform.variant { global += ["--override-variant", variant] }
        }
        let process = ChildProcess(
            executable, global + arguments, environment: environment, workingDirectory: workplace.directory,
            descriptors: descriptors)
        do {
            return try await process.collect(limitBytes: limitBytes)
        } catch {
            throw RPCError(.io, "\(error)")
        }
    }

    private static let permissivePolicy = #"{"default":[{"type":"insecureAcceptAnything"}]}"#

    private var hostHasPolicy: Bool {
        let paths = ["\(home)/.config/containers/policy.json", "/etc/containers/policy.json"]
        return paths.contains { access($0, F_OK) == 0 }
    }

    private func file(_ name: String, _ text: String, in workplace: Workplace) throws(RPCError) -> String {
        let path = "\(workplace.directory)/\(name)"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .system("create", path) }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard clinux_write_all(descriptor, bytes, bytes.count) == 0 else { throw .system("write", path) }
        return path
    }

    /// Where credentials, certificates and proxies are found; nothing else of the engine's environment.
    private var environment: [String] {
        let names = [
            "XDG_RUNTIME_DIR", "REGISTRY_AUTH_FILE", "DOCKER_CONFIG", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY",
            "http_proxy",
            "https_proxy", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR",
        ]
        return ["PATH=\(ChildProcess.searchPath)", "HOME=\(home)"]
            + names.compactMap { name in Self.variable(name).map { "\(name)=\($0)" } }
    }

    private static func variable(_ name: String) -> String? {
        guard let value = getenv(name) else { return nil }
        return String(cString: value)
    }
}
