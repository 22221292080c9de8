import JSONRPC
import TestSupport
import Testing

extension TestEngine {
    /// Runs `kenter`, which must refuse with this exit status and text and change nothing.
    func expectRefusal(_ arguments: [String], exit: Int32 = 125, saying text: String) async throws {
        let before = try await Footprint(of: self)
        let result = try await kenter(arguments)
        #expect(result.exit == exit, "\(result)")
        #expect(result.errors.contains(text), "should say: \(text)\n\(result)")
        #expect(result.errors.split(separator: "\n").count <= 2, "one clear sentence\n\(result)")
        let after = try await Footprint(of: self)
        #expect(before == after, "\(result)")
    }

    /// The container's address on the default network.
    func address(of container: String) async throws -> String {
        guard let address = try await inspect(container)["networks"]["bridge"]["ipv4"].string else {
            throw CommandFailure("\(container) has no address")
        }
        return address
    }

    /// Sends one request on a fresh connection and returns the answer.
    func call(_ method: String, _ parameters: JSONValue = [:]) async throws -> JSONValue {
        let request: JSONValue = ["jsonrpc": "2.0", "id": 1, "method": .string(method), "params": parameters]
        return try await connect().call(request.text)
    }
}

/// All that a refused call must not change.
struct Footprint: Equatable {
    private var containers: [String]
    private var networks: String
    private var volumes: [String]
    private var mounts: [String]
    private var devices: [String]
    private var rules: String
    private var processes: [String]
    private var directories: [String]

    /// Once what the last call has set going is over: the same twice.
    init(settledOf engine: TestEngine) async throws {
        self = try await Footprint(of: engine)
        for _ in 0..<50 {
            let next = try await Footprint(of: engine)
            if next == self { return }
            self = next
        }
    }

    init(of engine: TestEngine) async throws {
        containers = try await engine.kenter("ps", "--all", "--quiet", "--no-trunc").split(separator: "\n").map(
            String.init
        ).sorted()
        networks = try await engine.kenter("network", "ls", "--quiet", "--no-trunc")
        volumes = try await engine.kenter("volume", "ls", "--quiet").split(separator: "\n").map(String.init).sorted()
        mounts = engine.mountPoints.sorted()
        devices = try await engine.containerDevices().sorted()
        rules = try await engine.host("nft", "list", "ruleset").output
        processes = engine.containerProcesses.sorted()
        directories = TextFile.names(in: "\(engine.root)/containers").sorted()
    }
}
