import Glibc
public import JSONRPC

/// A provider whose calls a test meddles with: Tests/Fixtures/plugins/meddler, before a plugin that came with the engine.
public struct Meddler: Sendable {
    public static let name = "meddler"
    private let directory: String

    /// What the plugin was called with, and what the engine got.
    public struct Call: Sendable {
        public var method: String
        public var params: JSONValue
        public var result: JSONValue
    }

    /// Runs `body` with an engine whose provider of a role it is, or which has it beside the plugin itself.
    ///
    /// - Parameter orders: What is ordered before the engine starts, by method.
    @discardableResult
    public static func with<R: Sendable>(
        _ plugin: String, role: String, isDefault: Bool = true, images: [String] = [],
        orders: [String: JSONValue] = [:], _ body: (TestEngine, Meddler) async throws -> R
    ) async throws -> R {
        let wraps: JSONValue = ["wraps": .string(BuildProducts.executable(plugin))]
        let configuration: JSONValue = [
            "defaultProviders": .object(JSONObject([(role, .string(isDefault ? name : plugin))])),
            "plugins": .object(JSONObject([(name, wraps)])),
        ]
        return try await TestEngine.with(
            images: images, configuration: configuration.text,
            arguments: ["--plugins", BuildProducts.fixture("plugins/meddler")],
            prepare: { engine in for (method, order) in orders { try Meddler(engine).order(method, order) } },
            { engine in try await body(engine, Meddler(engine)) })
    }

    private init(_ engine: TestEngine) {
        directory = "\(engine.root)/meddling"
        mkdir(directory, 0o700)
    }

    /// What is to become of calls of a method from now on; see the fixture.
    public func order(_ method: String, _ order: JSONValue) throws {
        try TextFile.write(order.text, to: "\(directory)/new")
        guard rename("\(directory)/new", "\(directory)/\(method)") == 0 else {
            throw CommandFailure("cannot order \(method)")
        }
    }

    /// Ends what was ordered for a method.
    public func leave(_ method: String) { unlink("\(directory)/\(method)") }

    /// Starts the engine anew with another default provider of a role: it is one among several then.
    public func leaveRole(_ role: String, to plugin: String, in engine: TestEngine) async throws {
        let path = "\(engine.root)/config.json"
        let configuration: JSONValue = [
            "plugins": try JSONValue(text: TextFile.read(path))["plugins"],
            "defaultProviders": .object(JSONObject([(role, .string(plugin))])),
        ]
        try TextFile.write(configuration.text, to: path)
        try await engine.stop()
        try await engine.start()
    }

    /// Whether a call of a method is held.
    public func holds(_ method: String) -> Bool { access("\(directory)/\(method).held", F_OK) == 0 }

    /// Calls that have been answered, oldest first.
    public func calls(_ methods: String...) throws -> [Call] {
        try TextFile.read("\(directory)/calls").split(separator: "\n").compactMap { line in
            let call = try JSONValue(text: String(line))
            guard let method = call["method"].string, methods.isEmpty || methods.contains(method) else { return nil }
            return Call(method: method, params: call["params"], result: call["result"])
        }
    }

    /// An error as a plugin gives it.
    public static func error(_ kind: String, _ message: String, code: Int64 = 1000) -> JSONValue {
        ["code": .integer(code), "message": .string(message), "data": ["kind": .string(kind), "retryable": false]]
    }
}
