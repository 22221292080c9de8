// Random bytes for whatever reads bytes of strangers: the framer, the scanner, the envelope and the writer.
// Built by Tests/fuzz together with the sources of the module JSONRPC; libFuzzer calls the function below.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzWire(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    guard let data, size > 0 else { return 0 }
    let bytes = Array(UnsafeBufferPointer(start: data, count: size))
    let limits = JSONLimits(depth: 16, tokens: 500, stringBytes: 300, numberBytes: 40, allowsNUL: bytes[0] % 2 == 0)
    let lines = lines(bytes, inPiecesOf: bytes.count)
    precondition(lines == FuzzedLines.lines(bytes, inPiecesOf: 1 + Int(bytes[0]) % 7), "cutting depends on the pieces")
    for case .line(let line) in lines { check(Array(line), limits) }
    return 0
}

private func lines(_ bytes: [UInt8], inPiecesOf size: Int) -> [LineFramer.Frame] {
    FuzzedLines.lines(bytes, inPiecesOf: size)
}

private enum FuzzedLines {
    static func lines(_ bytes: [UInt8], inPiecesOf size: Int) -> [LineFramer.Frame] {
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
}

/// What is read can be written, and is the same when read again.
private func check(_ line: [UInt8], _ limits: JSONLimits) {
    if let value = try? JSONScanner.scan(line, limits: limits) {  // Most input is no JSON.
        let written = value.bytes
        precondition(!written.contains(0x0a) && !written.contains(0x0d), "a line break within a line")
        guard let again = try? JSONScanner.scan(written, limits: JSONLimits(allowsNUL: true)) else {
            preconditionFailure("what was written cannot be read")
        }
        precondition(again == value && again.bytes == written, "what was written is read as something else")
    }
    switch Line(line, limits: limits, batchItems: 8) {
    case .message(let message): check(message)
    case .batch(let messages):
        precondition((1...8).contains(messages.count), "a batch over its limit")
        messages.forEach(check)
    }
}

/// A message that is passed on means the same to the next.
private func check(_ message: Message) {
    guard case .message(let again) = Line(message.json.bytes, limits: JSONLimits(allowsNUL: true), batchItems: 1) else {
        preconditionFailure("a message became a batch")
    }
    switch (message, again) {
    case (.request(let one), .request(let other)):
        precondition(one.id == other.id && one.method == other.method && one.params == other.params)
    case (.notification(let one), .notification(let other)):
        precondition(one.method == other.method && one.params == other.params)
    case (.response(let one), .response(let other)): precondition(one.id == other.id)
    case (.invalid, _): break
    default: preconditionFailure("a message became another kind")
    }
}
