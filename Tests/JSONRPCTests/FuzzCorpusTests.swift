import JSONRPC
import TestSupport
import Testing

/// What fuzzing starts from, and what it has found, stays found.
@Suite struct FuzzCorpusTests {
    @Test func `every input of the corpus is answered or passed over, and the connection goes on`() async throws {
        let names = TextFile.names(in: BuildProducts.fixture("fuzz")).filter { !$0.hasSuffix(".dictionary") }
        #expect(names.count >= 7)
        for name in names {
            let pair = try ConnectionPair(handler: TestHandler())
            await pair.send(bytes: TextFile.bytes(BuildProducts.fixture("fuzz/\(name)")) + [0x0a])
            await pair.send(#"{"jsonrpc":"2.0","id":"last","method":"echo"}"#)
            pair.finish()
            let last = try await pair.receiveAll().last
            #expect(last?["id"] == "last", "\(name)")
        }
    }
}
