import ChildProcess
import JSONRPC
import KenterProtocol
import TestSupport
import Testing

/// Plugins as processes of their own: two in which the kit has to make up for its author.
@Suite(.timeLimit(.minutes(1)))
struct PluginProcessTests {
    private static let hello =
        #"{"jsonrpc":"2.0","id":"h","method":"plugin.hello","params":{"protocol":{"min":1,"max":1},"#
        + #""engine":{"name":"e","version":"0"},"instance":"ab12","limits":{"lineBytes":4194304,"stateBytes":16384}}}"#
    private static let configure =
        #"{"jsonrpc":"2.0","id":"c","method":"plugin.configure","params":{"config":{},"stateDir":"/nonexistent"}}"#

    private func run(_ lines: [String], end: String = "\n") async throws -> CommandResult {
        try await Command.run(
            [BuildProducts.executable("prints-by-accident")], input: Array((lines.joined(separator: "\n") + end).utf8))
    }

    @Test func `what is printed by accident goes to standard error, and the protocol stays whole`() async throws {
        let describe = #"{"jsonrpc":"2.0","id":"d","method":"provider.link.describe"}"#
        let result = try await run([Self.hello, Self.configure, describe])
        #expect(result.exit == 0)
        let messages = try result.lines.map { try JSONValue(text: $0) }
        #expect(messages.compactMap { $0["id"].string } == ["h", "c", "d"])
        #expect(messages.compactMap { $0["method"].string } == ["plugin.log"])
        #expect(messages.allSatisfy { $0["error"] == .null })
        for text in ["before anything else", "half a line by C", "from a child", #""id":1"#] {
            #expect(result.errors.contains(text), "\(text) is not on standard error")
        }
    }

    @Test(arguments: ["\n", "", "\r\n"])
    func `at the end of its input a plugin answers what it got, and ends`(end: String) async throws {
        let result = try await run([Self.hello], end: end)
        #expect(result.exit == 0)
        #expect(result.lines.count == 1)
        #expect(try await run([], end: "").exit == 0)
    }

    @Test func `a call that never ends does not outlive the engine for long`() async throws {
        let params = try JSONValueEncoder().encodeObject(
            ProviderLinkPlan(
                linkId: "l", alias: "db", consumer: .init(id: "c", name: "c", hostname: "c", addresses: .init()),
                source: .init(id: "s", name: "s", hostname: "s", addresses: .init(), running: true)))
        let plan = Message.request(Request(id: .string("p"), method: ProviderLinkPlan.name, params: params))
        let start = ContinuousClock.now
        let result = try await run([Self.hello, Self.configure, JSONValue.object(plan.json).text])
        #expect(ContinuousClock.now - start < .seconds(20))
        // It was cancelled in the end, which this call answers to.
        let last = try JSONValue(text: result.lines.last ?? "")
        #expect(last["id"] == "p" && last["error"]["data"]["kind"] == "cancelled", "\(result)")
    }

    @Test func `garbage gets an error, and the next line its answer`() async throws {
        let result = try await run(["{", #"{"jsonrpc":"2.0","id":1,"method":"x","params":[]}"#, Self.hello])
        let messages = try result.lines.map { try JSONValue(text: $0) }
        #expect(messages.map { $0["error"]["code"].integer } == [-32700, -32602, nil])
        #expect(messages.last?["result"]["plugin"]["name"] == "prints-by-accident")
    }
}
