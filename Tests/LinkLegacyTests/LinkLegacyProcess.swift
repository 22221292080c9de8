import ChildProcess
import JSONRPC
import KenterProtocol
import TestSupport

/// The real executable, asked over its standard input and output.
enum LinkLegacyProcess {
    /// Sends the handshake and these requests, ends the input, and returns their answers in order.
    static func answers<Method: RPCMethod>(_ requests: [Method]) async throws -> [Result<Method.Result, RPCError>] {
        var lines: [JSONObject] = []
        func add(_ method: String, _ params: JSONObject) {
            let id = RequestID.integer(Int64(lines.count))
            lines.append(Message.request(Request(id: id, method: method, params: params)).json)
        }
        let encoder = JSONValueEncoder()
        let hello = PluginHello(
            protocol: .init(min: 1, max: 1), engine: .init(name: "kenter", version: "0"), instance: "ab12",
            limits: .init(lineBytes: 4 << 20, stateBytes: 16 << 10))
        add(PluginHello.name, try encoder.encodeObject(hello))
        add(PluginConfigure.name, try encoder.encodeObject(PluginConfigure(config: [:], stateDir: "/nonexistent")))
        let handshake = lines.count
        for request in requests { add(Method.name, try encoder.encodeObject(request)) }
        let answers = try await converse(lines)
        return try (handshake..<lines.count).map { id in
            guard let outcome = answers[.integer(Int64(id))] else { throw CommandFailure("no answer to request \(id)") }
            switch outcome {
            case .success(let result): return .success(try JSONValueDecoder().decode(Method.Result.self, from: result))
            case .failure(let error): return .failure(error)
            }
        }
    }

    /// The plan of one request, which must succeed.
    static func plan(_ request: ProviderLinkPlan) async throws -> LinkPlan {
        guard let answer = try await answers([request]).first else { throw CommandFailure("no answer") }
        return try answer.get()
    }

    private static func converse(_ lines: [JSONObject]) async throws -> [RequestID: Result<JSONObject, RPCError>] {
        var input: [UInt8] = []
        for line in lines { input += line.bytes + [0x0a] }
        let result = try await Command.run([BuildProducts.executable("link-legacy")], input: input)
        guard result.exit == 0 else { throw CommandFailure(result.description) }
        var answers: [RequestID: Result<JSONObject, RPCError>] = [:]
        for line in result.lines {
            guard case .message(.response(let response)) = Line(Array(line.utf8), limits: JSONLimits(), batchItems: 1)
            else { throw CommandFailure("no response: \(line)") }
            answers[response.id] = response.outcome
        }
        return answers
    }
}

extension ProviderLinkPlan {
    /// A link `web/<alias>` to `mysqldb`; each test says only what matters to it.
    static func sample(
        alias: String = "mysql", options: [String: String] = [:], consumer: String = "web", source: String = "mysqldb",
        hostname: String = "6e5cdeb2d300", ipv4: String? = "172.17.0.2", ipv6: String? = nil, env: [String] = [],
        ports: [String] = ["3306/tcp"], labels: [String: String] = [:]
    ) -> ProviderLinkPlan {
        ProviderLinkPlan(
            linkId: "l1", alias: alias, options: options,
            consumer: .init(id: "c1", name: consumer, hostname: "f00", addresses: .init()),
            source: .init(
                id: "s1", name: source, hostname: hostname, addresses: .init(ipv4: ipv4, ipv6: ipv6), env: env,
                exposedPorts: ports, labels: labels, running: true))
    }
}

extension LinkPlan {
    /// `NAME=VALUE`, in order.
    var assignments: [String] { env.map { "\($0.name)=\($0.value)" } }
    var names: [String] { env.map(\.name) }
}
