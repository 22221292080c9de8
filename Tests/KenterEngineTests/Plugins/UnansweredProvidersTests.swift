import JSONRPC
import KenterProtocol
import Synchronization
import TestSupport
import Testing

@testable import KenterEngine

/// Work that asks a provider many things while everybody waits for it, as the engine's start does.
@Suite struct UnansweredProvidersTests {
    /// Counts what is asked, and fails.
    private final class Provider: Sendable {
        private let count = Mutex(0)
        var askedCount: Int { count.withLock { $0 } }

        func fail(_ kind: RPCError.Kind, _ name: String = "p") async -> RPCError? {
            do {
                try await UnansweredProviders.ask(.network, name) {
                    count.withLock { $0 += 1 }
                    throw RPCError(kind, "number \(askedCount)")
                }
                return nil
            } catch { return error as? RPCError }
        }
    }

    @Test(arguments: [RPCError.Kind.timeout, .unavailable, .pluginCrashed, .pluginProtocol])
    func `a provider that does not answer is asked once`(_ kind: RPCError.Kind) async {
        let provider = Provider()
        await UnansweredProviders.askingOnce {
            for _ in 0..<3 { #expect(await provider.fail(kind)?.message == "number 1") }
            #expect(await provider.fail(kind, "another")?.message == "number 2")
        }
        #expect(await provider.fail(kind)?.message == "number 3")
    }

    @Test func `a refusal is an answer`() async {
        let provider = Provider()
        await UnansweredProviders.askingOnce {
            for _ in 0..<3 { _ = await provider.fail(.conflict) }
        }
        #expect(provider.askedCount == 3)
    }

    /// Whatever it is: a plugin that says "unavailable" has heard the question.
    @Test(arguments: ["timeout", "unavailable", "pluginCrashed", "pluginProtocol"])
    func `an error that a plugin gives itself is an answer`(_ kind: String) async throws {
        try await PluginHostFixture.with("says-kinds") { fixture in
            try TextFile.write(kind, to: "\(fixture.directory)/kind")
            await UnansweredProviders.askingOnce {
                for number in 1...3 {
                    let error = await fixture.statusError()
                    #expect(
                        error?.kind.name == kind && error?.message.hasSuffix("number \(number)") == true,
                        "\(String(describing: error))")
                }
            }
        }
    }

    @Test func `a state that is too large is an answer, and what a plugin does not say in time is none`() async throws {
        try await PluginHostFixture.with("says-kinds", "never-answers") { fixture in
            try TextFile.write("state", to: "\(fixture.directory)/kind")
            await UnansweredProviders.askingOnce {
                for _ in 1...2 { #expect(await fixture.error(of: "says-kinds")?.isPluginsAnswer == true) }
                let (first, second) = (
                    await fixture.error(of: "never-answers", timeout: .milliseconds(500)),
                    await fixture.error(of: "never-answers", timeout: .seconds(60))
                )
                #expect(first?.kind == .timeout && first?.isPluginsAnswer == false && second == first)
            }
        }
    }

    @Test func `what goes on after the work asks again`() async {
        let provider = Provider()
        let (gate, opened) = AsyncStream<Void>.makeStream()
        let later = await UnansweredProviders.askingOnce {
            _ = await provider.fail(.timeout)
            return Task {
                for await _ in gate {}
                return await provider.fail(.timeout)
            }
        }
        opened.finish()
        #expect(await later.value?.message == "number 2")
    }
}
