import JSONRPC
import TestSupport
import Testing

/// What fuzzing starts from, and what it has found, stays found.
@Suite struct FuzzCorpusTests {
    private static let names = TextFile.names(in: BuildProducts.fixture("fuzz")).filter { !$0.hasSuffix(".dictionary") }

    private func bytes(_ name: String) -> [UInt8] { TextFile.bytes(BuildProducts.fixture("fuzz/\(name)")) }

    @Test func `every input of the corpus keeps the rules that fuzzing looks for`() {
        for name in Self.names {
            let fault = WireCheck.fault(in: bytes(name))
            #expect(fault == nil, "\(name): \(fault ?? "")")
        }
    }

    @Test func `every input of the corpus is answered or passed over, and the connection goes on`() async throws {
        for name in Self.names {
            let pair = try ConnectionPair(handler: TestHandler())
            await pair.send(bytes: bytes(name) + [0x0a])
            await pair.send(#"{"jsonrpc":"2.0","id":"last","method":"echo"}"#)
            pair.finish()
            let last = try await pair.receiveAll().last
            #expect(last?["id"] == "last", "\(name)")
        }
    }

    @Test func `the corpus holds what fuzzing has grown, and no more than a look at it bears`() {
        #expect((100...300).contains(Self.names.count))
        #expect(Self.names.map { bytes($0).count }.reduce(0, +) <= 1 << 20)
    }
}
