import JSONRPC
import KenterClient
import KenterProtocol

/// Pulls the image of a container to be made, when the policy says so.
struct ImageOnDemand {
    private let client: EngineClient
    private let policy: ContainerOptions.PullPolicy
    private let isQuiet: Bool

    init(_ client: EngineClient, _ options: ContainerOptions) {
        self.client = client
        policy = options.pull
        isQuiet = options.quiet
    }

    init(_ client: EngineClient, policy: ContainerOptions.PullPolicy, isQuiet: Bool) {
        self.client = client
        self.policy = policy
        self.isQuiet = isQuiet
    }

    /// Does what needs the image; with a missing one, pulls it and does it again.
    func withImage<R>(_ image: String, _ body: () async throws -> R) async throws -> R {
        if policy == .always { try await pull(image) }
        do {
            return try await body()
        } catch let error as RPCError where policy == .missing && Self.saysImageIsMissing(error) {
            if !isQuiet {
                Output.errorLine("Unable to find image '\(TerminalText.escaped(Self.tagged(image)))' locally")
            }
            try await pull(image)
            return try await body()
        }
    }

    private func pull(_ image: String) async throws {
        let display = ProgressDisplay(isQuiet: isQuiet)
        defer { display.finish() }
        _ = try await client.call(ImagePull(references: [image])) { display.show($0) }
    }

    /// Not every missing thing is the image: a container whose volumes are asked for may be, too.
    static func saysImageIsMissing(_ error: RPCError) -> Bool {
        error.kind == .notFound && error.details["image"] != nil
    }

    /// With the tag that a reference without one means.
    static func tagged(_ image: String) -> String {
        let name = image[(image.lastIndex(of: "/").map(image.index(after:)) ?? image.startIndex)...]
        return name.contains(":") || name.contains("@") ? image : "\(image):latest"
    }
}
