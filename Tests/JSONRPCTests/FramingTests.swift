@testable import JSONRPC
import TestSupport
import Testing

/// Framing; and that a line costs what its length says, however it comes.
@Suite struct FramingTests {
    private func frames(_ chunks: [[UInt8]], limit: Int = 64) -> [LineFramer.Frame] {
        var framer = LineFramer(limitBytes: limit)
        var frames: [LineFramer.Frame] = []
        for chunk in chunks {
            framer.append(chunk)
            while let frame = framer.next() { frames.append(frame) }
        }
        if let frame = framer.finish() { frames.append(frame) }
        return frames
    }

    private func chunks(_ bytes: [UInt8], of size: Int) -> [[UInt8]] {
        stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<min($0 + size, bytes.count)]) }
    }

    @Test(arguments: [1, 2, 3, 7, 1000])
    func `lines are the same whatever the chunks`(_ size: Int) {
        let text = "{\"a\":1}\n\r\n  \n{\"b\":2}\r\n\n\(String(repeating: "x", count: 65))\n{\"c\":3}\nlast"
        let found = frames(chunks(Array(text.utf8), of: size))
        let expected = ["{\"a\":1}", "{\"b\":2}", nil, "{\"c\":3}", "last"]
        #expect(found.count == expected.count)
        for (frame, text) in zip(found, expected) {
            switch frame {
            case .line(let bytes): #expect(String(decoding: bytes, as: UTF8.self) == text)
            case .oversized: #expect(text == nil)
            }
        }
    }

    @Test(arguments: [1, 3, 64])
    func `a line may be as long as the limit and no longer`(_ size: Int) {
        let fits = Array((String(repeating: "x", count: 64) + "\r\n").utf8)
        #expect(frames(chunks(fits, of: size)) == [.line(fits[..<64])])
        let over = Array((String(repeating: "x", count: 65) + "\r\n{}\n").utf8)
        #expect(frames(chunks(over, of: size)).count == 2)
        #expect(frames(chunks(over, of: size)).first == .oversized)
    }

    @Test func `a line without end is answered once and dropped as it comes`() {
        var framer = LineFramer(limitBytes: 64)
        var oversized = 0
        for _ in 0..<1000 {
            framer.append([UInt8](repeating: 0x78, count: 100))
            while let frame = framer.next() { oversized += frame == .oversized ? 1 : 0 }
            #expect(framer.rest.count <= 100)
        }
        #expect(oversized == 1 && framer.finish() == nil)
    }

    @Test(arguments: [1, 13, 4096, 1 << 20])
    func `the work of cutting is linear for any chunks`(_ size: Int) {
        var bytes: [UInt8] = []
        for length in [5, 1, 70_000, 300, 0, 900_000] { bytes += [UInt8](repeating: 0x78, count: length) + [0x0a] }
        var framer = LineFramer(limitBytes: 1 << 20)
        for chunk in chunks(bytes, of: size) {
            framer.append(chunk)
            while framer.next() != nil {}
        }
        #expect(framer.work <= 4 * bytes.count, "\(framer.work) for \(bytes.count)")
    }

    @Test func `an escape, a number or a name costs no more for standing among many`() throws {
        for make: (Int) -> String in [
            { "[" + String(repeating: "\"\\u00e4\",", count: $0) + "0]" },
            { "[" + String(repeating: "1234,", count: $0) + "0]" },
            { "{" + (0..<$0).map { "\"n\($0)\":0," }.joined() + "\"last\":0}" },
            { String(repeating: "[", count: 1) + String(repeating: "{},", count: $0) + "0]" },
        ] {
            let (small, large) = (Array(make(1_000).utf8), Array(make(16_000).utf8))
            let (few, many) = (try JSONScanner.work(of: small), try JSONScanner.work(of: large))
            #expect(
                many * small.count <= 2 * few * large.count, "\(few) for \(small.count), \(many) for \(large.count)")
        }
    }
}
