// Compiled by Tests/fuzz, too, there as a part of the module JSONRPC.
#if !FUZZING
    import JSONRPC
#endif

/// What must hold of any bytes of a stranger: the framer, the scanner, the envelope and the writer agree. The fuzzer looks
/// for bytes that break it; those that did are in Tests/Fixtures/fuzz.
enum WireCheck {
    /// A rule that some bytes have broken.
    private struct Fault: Error {
        var text: String
        init(_ text: String) { self.text = text }
    }

    /// The first rule that these bytes break; `nil` where all hold.
    static func fault(in bytes: [UInt8]) -> String? {
        do throws(Fault) {
            try check(bytes)
            return nil
        } catch {
            return error.text
        }
    }

    private static func check(_ bytes: [UInt8]) throws(Fault) {
        guard let first = bytes.first else { return }
        let limits = JSONLimits(depth: 16, tokens: 500, stringBytes: 300, numberBytes: 40, allowsNUL: first % 2 == 0)
        let lines = lines(bytes, inPiecesOf: bytes.count)
        try expect(lines == Self.lines(bytes, inPiecesOf: 1 + Int(first) % 7), "cutting depends on the pieces")
        for case .line(let line) in lines { try check(line: Array(line), limits) }
    }

    private static func expect(_ holds: Bool, _ fault: String) throws(Fault) { if !holds { throw Fault(fault) } }

    private static func lines(_ bytes: [UInt8], inPiecesOf size: Int) -> [LineFramer.Frame] {
        var framer = LineFramer(limitBytes: 600)
        var frames: [LineFramer.Frame] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            framer.append(bytes[start..<min(start + size, bytes.count)])
            while let frame = framer.next() { frames.append(copy(frame)) }
        }
        if let frame = framer.finish() { frames.append(copy(frame)) }
        return frames
    }

    /// Slices compare by their elements, but keep whole buffers.
    private static func copy(_ frame: LineFramer.Frame) -> LineFramer.Frame {
        guard case .line(let bytes) = frame else { return frame }
        return .line(ArraySlice(Array(bytes)))
    }

    /// What is read can be written, and is the same when read again.
    private static func check(line: [UInt8], _ limits: JSONLimits) throws(Fault) {
        if let value = try? JSONScanner.scan(line, limits: limits) {  // Most input is no JSON.
            let written = value.bytes
            try expect(!written.contains(0x0a) && !written.contains(0x0d), "a line break within a line")
            let again = try? JSONScanner.scan(written, limits: JSONLimits(allowsNUL: true))  // `nil` is the fault.
            guard let again else { throw Fault("what was written cannot be read") }
            try expect(again == value && again.bytes == written, "what was written is read as something else")
        }
        switch Line(line, limits: limits, batchItems: 8) {
        case .message(let message): try check(message)
        case .batch(let messages):
            try expect((1...8).contains(messages.count), "a batch over its limit")
            for message in messages { try check(message) }
        }
    }

    /// A message that is passed on means the same to the next.
    private static func check(_ message: Message) throws(Fault) {
        guard case .message(let again) = Line(message.json.bytes, limits: JSONLimits(allowsNUL: true), batchItems: 1)
        else { throw Fault("a message became a batch") }
        switch (message, again) {
        case (.request(let one), .request(let other)):
            let isSame = one.id == other.id && one.method == other.method && one.params == other.params
            try expect(isSame, "a request became another")
        case (.notification(let one), .notification(let other)):
            try expect(one.method == other.method && one.params == other.params, "a notification became another")
        case (.response(let one), .response(let other)): try expect(one.id == other.id, "an answer became another's")
        case (.invalid, _): break
        default: throw Fault("a message became another kind")
        }
    }
}
