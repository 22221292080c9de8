import JSONRPC
import TestSupport
import Testing

/// The envelope of messages; every refusal leaves the connection usable.
@Suite struct EnvelopeTests {
    private func answers(_ lines: String...) async throws -> [JSONValue] {
        let pair = try ConnectionPair(handler: TestHandler())
        for line in lines { await pair.send(line) }
        pair.finish()
        return try await pair.receiveAll()
    }

    @Test(arguments: [
        #"{"id":1,"method":"echo"}"#, #"{"jsonrpc":"1.0","id":1,"method":"echo"}"#,
        #"{"jsonrpc":2.0,"id":1,"method":"echo"}"#, #"{"jsonrpc":"2.0","id":1}"#,
        #"{"jsonrpc":"2.0","id":1,"method":7}"#,
        #"{"jsonrpc":"2.0","id":1,"method":"echo","params":"x"}"#,
        #"{"jsonrpc":"2.0","id":1,"method":"echo","params":null}"#,
        "7", "\"text\"", "null", "true",
    ])
    func `what is no request is refused`(_ line: String) async throws {
        let answers = try await answers(line, #"{"jsonrpc":"2.0","id":"next","method":"echo"}"#)
        #expect(answers.count == 2)
        #expect(answers[0]["error"]["code"] == -32600, "\(answers[0].text)")
        #expect(answers[0]["error"]["data"]["kind"] == "invalidRequest")
        #expect(answers[1]["result"].object != nil)
    }

    @Test(arguments: [
        "1", "0", "-1", "9007199254740991", "-9007199254740991", #""a""#, #""""#, #""ä\n""#,
        "\"\(String(repeating: "x", count: 128))\"",
    ])
    func `an id is echoed as it was sent`(_ id: String) async throws {
        let answers = try await answers(#"{"jsonrpc":"2.0","id":\#(id),"method":"echo"}"#)
        #expect(answers.count == 1)
        let sent = try JSONValue(text: id)
        #expect(answers[0]["id"] == sent)
        #expect(answers[0]["result"].object != nil)
    }

    @Test(arguments: [
        "null", "1.5", "1e3", "-0", "9007199254740992", "-9007199254740992", "9223372036854775807",
        "-9223372036854775808", "true", "[1]", "{}", "\"\(String(repeating: "x", count: 129))\"",
    ])
    func `any other id is refused without one`(_ id: String) async throws {
        let answers = try await answers(
            #"{"jsonrpc":"2.0","id":\#(id),"method":"echo"}"#, #"{"jsonrpc":"2.0","id":1,"method":"echo"}"#)
        #expect(answers.count == 2)
        #expect(answers[0]["id"] == .null && answers[0]["error"]["code"] == -32600, "\(answers[0].text)")
        #expect(answers[1]["id"] == 1)
    }

    @Test(arguments: [
        #"{"jsonrpc":"2.0","id":1,"id":2,"method":"echo"}"#,
        #"{"jsonrpc":"2.0","id":1,"method":"echo","params":{"a":1,"\u0061":2}}"#,
        #"{"jsonrpc":"2.0","id":1,"method":"echo","params":{"a":[{"b":1,"b":1}]}}"#,
        "\u{feff}{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"echo\"}",
        #"{"jsonrpc":"2.0","id":1,"method":"echo","params":{"a":"\ud800"}}"#,
        #"{"jsonrpc":"2.0","id":1,"method":"echo","params":{"a":"\u0000"}}"#,
        #"{"jsonrpc":"2.0","id":1,"method":"echo",}"#, "{'jsonrpc':'2.0'}", "{", "nul",
    ])
    func `what is no strict JSON gets a parse error`(_ line: String) async throws {
        let answers = try await answers(line)
        #expect(answers.count == 1)
        #expect(answers[0]["id"] == .null && answers[0]["error"]["code"] == -32700, "\(answers[0].text)")
        #expect(answers[0]["error"]["data"]["kind"] == "parse")
        #expect(answers[0]["error"]["data"]["retryable"] == false)
    }

    @Test func `bytes that are no UTF-8 get a parse error`() async throws {
        let pair = try ConnectionPair(handler: TestHandler())
        await pair.send(bytes: Array(#"{"jsonrpc":"2.0","id":1,"method":""#.utf8) + [0xc3, 0x28] + Array("\"}\n".utf8))
        #expect(try await pair.receive()?["error"]["code"] == -32700)
    }

    @Test func `names that only look alike are two names`() async throws {
        let many = (0..<20).map { "\"n\($0)\":0" }.joined(separator: ",")
        let params = #"{"\u00e9":1,"e\u0301":2,\#(many)}"#
        let answers = try await answers(#"{"jsonrpc":"2.0","id":1,"method":"echo","params":\#(params)}"#)
        #expect(answers[0]["result"].object?.members.count == 22, "\(answers[0].text)")
    }

    @Test func `unknown members of the envelope are passed over, _meta is not a parameter`() async throws {
        let answers = try await answers(
            #"{"jsonrpc":"2.0","id":1,"method":"echo","extra":[1],"params":{"a":1,"_meta":{"progressToken":"t"}}}"#,
            #"{"jsonrpc":"2.0","id":2,"method":"echo","params":{"_meta":7}}"#)
        #expect(answers[0]["result"] == ["a": 1])
        #expect(answers[1]["error"]["code"] == -32602)
    }

    @Test func `the last line needs no end, and an end of input answers what is in flight`() async throws {
        let handler = TestHandler()
        let pair = try ConnectionPair(handler: handler)
        await pair.send(#"{"jsonrpc":"2.0","id":1,"method":"hold"}"#)
        await pair.send(bytes: Array(#"{"jsonrpc":"2.0","id":2,"method":"echo"}"#.utf8))
        pair.finish()
        #expect(try await pair.receive()?["id"] == 2)
        #expect(pair.isSilent())
        handler.release()
        #expect(try await pair.receive()?["id"] == 1)
        #expect(try await pair.receive() == nil)
        #expect(await eventually { handler.isClosed })
    }

    @Test func `nothing is sent that was not asked for`() async throws {
        let pair = try ConnectionPair(handler: TestHandler())
        await pair.send(
            #"{"jsonrpc":"2.0","method":"echo"}"#, #"{"jsonrpc":"2.0","method":"no.such"}"#, "", "   ", "\r")
        #expect(pair.isSilent())
    }

    @Test func `an answer is one line, whatever its text holds`() async throws {
        let answers = try await answers(#"{"jsonrpc":"2.0","id":1,"method":"echo","params":{"a":"x\ny\r\u2028"}}"#)
        #expect(answers.count == 1 && answers[0]["result"]["a"] == "x\ny\r\u{2028}")
    }

    @Test(
        arguments: [
            ("parse", -32700), ("invalidRequest", -32600), ("methodNotFound", -32601), ("invalidParams", -32602),
            ("internal", -32603), ("cancelled", -32800), ("messageTooLarge", -32010), ("tooDeep", -32011),
            ("batchTooLarge", -32012), ("duplicateId", -32013), ("overloaded", -32014), ("unauthenticated", -32015),
            ("forbidden", -32016), ("shuttingDown", -32017), ("unsupportedProtocol", -32018), ("unavailable", 1007),
            ("timeout", 1009),
        ] as [(String, Int64)])
    func `every kind of error has its code`(_ name: String, _ code: Int64) {
        let kinds: [RPCError.Kind] = [
            .parse, .invalidRequest, .methodNotFound, .invalidParams, .internal, .cancelled, .messageTooLarge, .tooDeep,
            .batchTooLarge, .duplicateId, .overloaded, .unauthenticated, .forbidden, .shuttingDown,
            .unsupportedProtocol,
            .unavailable, .timeout,
        ]
        #expect(kinds.first { $0.name == name }?.code == code)
    }

    @Test func `an error without id is nobody's answer, and has none`() async throws {
        let answers = try await answers(
            #"{"jsonrpc":"2.0","id":null,"error":{"code":77,"message":"mine"}}"#,
            #"{"jsonrpc":"2.0","id":1,"method":"echo"}"#)
        #expect(answers.map { $0["id"] } == [1])
    }

    @Test func `ids are told apart by their bytes`() async throws {
        let handler = TestHandler()
        let pair = try ConnectionPair(handler: handler)
        // One composed, one decomposed.
        for id in ["\u{e9}", "e\u{301}"] {
            await pair.send(#"{"jsonrpc":"2.0","id":"\#(id)","method":"wait"}"#)
        }
        #expect(await eventually { handler.begun.count == 2 })
    }

    @Test func `an id is in use until its batch is answered`() async throws {
        let answers = try await answers(
            #"[{"jsonrpc":"2.0","id":1,"method":"echo"},{"jsonrpc":"2.0","id":1,"method":"echo"}]"#,
            #"{"jsonrpc":"2.0","id":1,"method":"echo"}"#)
        let batch = answers[0].array ?? []
        #expect(batch.count == 2 && batch.filter { $0["error"]["code"] == -32013 }.count == 1, "\(answers[0].text)")
        #expect(answers[1]["result"].object != nil)
    }
}
