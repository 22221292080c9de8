import JSONRPC
import TestSupport
import Testing

/// What requests promise each other, on a real engine: order, deadlines, repeats, progress, and the end of a client.
@Suite struct RequestTests {
    @Test func changesOfOneContainerComeInTheOrderOfArrival() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            for name in ["aa", "bb"] {
                try await engine.kenter("create", "--name", name, "busybox", "sleep", "1d")
            }
            let client = try engine.connect()
            func send(_ id: Int, _ method: String, _ params: String) async {
                await client.send(#"{"jsonrpc":"2.0","id":\#(id),"method":"container.\#(method)","params":\#(params)}"#)
            }
            // A signal overtakes a stop that waits, but not the start that it is meant for.
            await send(1, "start", #"{"container":"aa"}"#)
            await send(2, "kill", #"{"container":"aa"}"#)
            var answers: [JSONValue] = []
            for _ in 0..<2 { answers.append(try JSONValue(text: try await client.receive() ?? "")) }
            #expect(answers.allSatisfy { $0["result"]["ids"].array?.count == 1 }, "\(answers.map(\.text))")
            #expect(try await engine.inspect("aa")["state"]["exitCode"] == 137)
            // What arrives later waits for all that a call is to do, also for what it has not come to yet.
            try await engine.kenter("start", "aa", "bb")
            await send(3, "stop", #"{"containers":["aa","bb"],"timeoutSeconds":1}"#)
            await send(4, "start", #"{"container":"bb"}"#)
            for id in [3, 4] {
                let answer = try JSONValue(text: try await client.receive() ?? "")
                #expect(answer["id"] == .integer(Int64(id)) && answer["error"] == .null, "\(answer.text)")
            }
            #expect(try await engine.inspect("bb")["state"]["status"] == "running")
        }
    }

    @Test(arguments: Transport.allCases)
    func theEndOfAClientsLinesIsTheEndOfItsStreams(_ transport: Transport) async throws {
        try await TestEngine.with(images: ["busybox"], arguments: ["--listen", "127.0.0.1:\(TransportTests.port)"]) {
            engine in
            try await engine.kenter("run", "-d", "--name", "aa", "busybox", "sleep", "1d")
            let peer = try await Peer(engine, transport)
            await peer.send(
                #"{"jsonrpc":"2.0","id":1,"method":"container.exec","params":{"container":"aa","command":["sh","-c","cat; exit 3"],"stream":"s","stdin":true}}"#
            )
            await peer.send(
                #"{"jsonrpc":"2.0","method":"stream.data","params":{"stream":"s","channel":"stdin","data":"aGk="}}"#)
            peer.finish()
            var last: JSONValue = .null
            while last["id"] != 1 { last = try await peer.receive() }
            #expect(last["result"]["exitCode"] == 3, "\(last.text)")
        }
    }

    @Test func aLogComesWithTheExitCodeOfWhatHasEnded() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            let running = #"echo out; echo err >&2; printf '\377'; sleep 1d"#
            try await engine.kenter("run", "-d", "--name", "aa", "busybox", "sh", "-c", running)
            let logged = try await eventually {
                try await engine.call("container.logs", ["container": "aa"])["result"]["stdout"]["base64"] == "b3V0Cv8="
            }
            #expect(logged)
            let log = try await engine.call("container.logs", ["container": "aa"])["result"]
            #expect(log["stderr"] == "err\n" && log["exitCode"] == .null, "\(log.text)")
            try await engine.kenter("kill", "aa")
            #expect(try await engine.call("container.logs", ["container": "aa"])["result"]["exitCode"] == 137)
            _ = try await engine.kenter(["run", "--name", "bb", "busybox", "head", "-c", "1048577", "/dev/zero"])
            let large = try await engine.call("container.logs", ["container": "bb"])["error"]
            #expect(large["data"]["kind"] == "exhausted", "\(large.text)")
        }
    }

    @Test func aClientReadsItsOwnWritesAndWhatIsRefusedWritesNothing() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            let client = try engine.connect()
            await client.send(
                #"{"jsonrpc":"2.0","id":1,"method":"container.create","params":{"image":"busybox","name":"aa"}}"#)
            #expect(try JSONValue(text: try await client.receive() ?? "")["result"]["name"] == "aa")
            let other = try engine.connect()
            let list = #"{"jsonrpc":"2.0","id":2,"method":"container.list","params":{"all":true}}"#
            #expect(try await other.call(list)["result"]["containers"][0]["name"] == "aa")
            for method in ["create", "run"] {
                let params: JSONObject = ["image": "busybox", "name": "bb", "links": [], "colour": "red"]
                let answer = try await engine.call("container.\(method)", .object(params))
                #expect(answer["error"]["code"] == -32602, "\(answer.text)")
                #expect(answer["error"]["message"].string?.contains("colour") == true, "\(answer.text)")
            }
            #expect(try await other.call(list)["result"]["containers"].array?.count == 1)
        }
    }

    @Test func progressGoesFromItsBeginToItsEndBeforeTheAnswer() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            let client = try engine.connect()
            let archive = try await Command.run([BuildProducts.fixture("images/build"), "busybox"]).line
            await client.send(
                #"{"jsonrpc":"2.0","id":1,"method":"image.import","params":{"path":"\#(archive)","reference":"again","_meta":{"progressToken":"p"}}}"#
            )
            var values: [JSONValue] = []
            var answer: JSONValue = .null
            while answer["id"] == .null {
                answer = try JSONValue(text: try await client.receive() ?? #"{"id":0}"#)
                if answer["id"] == .null { values.append(answer["params"]["value"]) }
            }
            #expect(answer["result"]["images"].array?.count == 1, "\(answer.text)")
            #expect(values.first?["kind"] == "begin" && values.last?["kind"] == "end", "\(values.map(\.text))")
            #expect(values.contains { $0["kind"] == "report" && $0["unit"] == "layers" }, "\(values.map(\.text))")
        }
    }

    @Test func aRepeatWithTheSameKeyMakesOneContainer() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            let parameters: JSONValue = [
                "image": "busybox", "env": ["PASSWORD=verysecret"], "_meta": ["idempotencyKey": "k1"],
            ]
            let first = try await engine.call("container.create", parameters)
            let again = try await engine.call("container.create", parameters)
            #expect(first["result"]["id"].string != nil && first["result"] == again["result"], "\(again.text)")
            await engine.crash()
            try await engine.start()
            #expect(try await engine.call("container.create", parameters)["result"] == first["result"])
            #expect(try await engine.call("container.list", ["all": true])["result"]["containers"].array?.count == 1)
        }
    }

    @Test func outputInAResultIsTextWhereItIsTextAndEndsAtALimit() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.kenter("run", "-d", "--name", "aa", "busybox", "sleep", "1d")
            func exec(_ command: String) async throws -> JSONValue {
                try await engine.call(
                    "container.exec", ["container": "aa", "command": ["sh", "-c", .string(command)]])
            }
            let output = try await exec(#"printf text; printf '\377' >&2; exit 3"#)["result"]
            #expect(output["stdout"] == "text" && output["stderr"]["base64"] == "/w==" && output["exitCode"] == 3)
            let limit = try await engine.call("engine.limits", [:])["result"]["collectedOutputBytes"].integer ?? 0
            let error = try await exec("head -c \(limit + 1) /dev/zero")["error"]
            #expect(error["data"]["kind"] == "exhausted" && error["code"] == 1006, "\(error.text)")
        }
    }

    @Test func aDeadlineUndoesWhatItInterrupts() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            for milliseconds in [1, 5, 20] {
                let answer = try await engine.call(
                    "container.run",
                    [
                        "image": "busybox", "name": "aa", "command": ["sleep", "1d"],
                        "_meta": ["timeoutMs": .integer(Int64(milliseconds))],
                    ])
                let kind = answer["error"]["data"]["kind"]
                #expect(kind == "timeout" || answer["result"].object != nil, "\(answer.text)")
                let left = try await engine.call("container.list", ["all": true])["result"]["containers"].array ?? []
                #expect(left.count == (kind == "timeout" ? 0 : 1), "\(milliseconds) ms: \(left)")
                if !left.isEmpty { try await engine.kenter("rm", "--force", "aa") }
            }
        }
    }

    /// Each parameter of each method alone, with values of every shape: all are refused as parameters, or as what they name.
    @Test func noValueOfAnyParameterBringsOutAnErrorOfTheEngineItself() async throws {
        let values: [JSONValue] = [
            .null, true, -1, .double(1.5), "bogus", "", "\u{0}", [], [5], ["bogus"], [["bogus": 1]], [[]], [:],
            ["bogus": 1],
            ["policy": "bogus"], ["type": "bogus", "target": "/x"], [["type": "bogus", "target": "/x"]],
        ]
        try await TestEngine.with { engine in
            let document = try await engine.call("rpc.discover")["result"]
            let methods = document["methods"].array ?? []
            #expect(methods.count > 50)
            let client = try engine.connect()
            var wrong: [String] = []
            for method in methods {
                guard let name = method["name"].string, !["engine.shutdown", "rpc.auth"].contains(name) else {
                    continue
                }
                for parameter in method["params"].array ?? [] {
                    for value in values {
                        // Some wait for a stream, which nobody sends.
                        let params = JSONObject([
                            (parameter["name"].string ?? "", value), ("_meta", ["timeoutMs": 500]),
                        ])
                        let request: JSONValue = [
                            "jsonrpc": "2.0", "id": 1, "method": .string(name), "params": .object(params),
                        ]
                        await client.send(request.text)
                        // What cannot be JSON for the engine is answered without its id; all else is a notification.
                        var answer: JSONValue = .null
                        repeat {
                            answer = try JSONValue(text: try await client.receive() ?? "null")
                        } while answer["method"] != .null
                        if answer["error"]["code"] == -32603 || answer == .null {
                            wrong.append("\(request.text) → \(answer.text)")
                        }
                    }
                }
            }
            #expect(wrong.isEmpty, "\(wrong.joined(separator: "\n"))")
        }
    }

    @Test func aRepeatThatWaitsForTheFirstOneEndsWithItsOwnDeadlineOrCancellation() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.kenter("run", "-d", "--name", "aa", "busybox", "sh", "-c", "trap '' TERM; sleep 1d & wait")
            func stop(_ id: Int, _ meta: String = "") -> String {
                #"{"jsonrpc":"2.0","id":\#(id),"method":"container.stop","params":{"container":"aa","timeoutSeconds":60,"#
                    + #""_meta":{"idempotencyKey":"k"\#(meta)}}}"#
            }
            let client = try engine.connect()
            await client.send(stop(1))
            await client.send(stop(2, #","timeoutMs":300"#))
            let late = try JSONValue(text: try await client.receive() ?? "null")
            #expect(late["id"] == 2 && late["error"]["data"]["kind"] == "timeout", "\(late.text)")
            await client.send(stop(3))
            await client.send(#"{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":3}}"#)
            let cancelled = try JSONValue(text: try await client.receive() ?? "null")
            #expect(cancelled["id"] == 3 && cancelled["error"]["data"]["kind"] == "cancelled", "\(cancelled.text)")
            try await engine.kenter("kill", "aa")
            #expect(try JSONValue(text: try await client.receive() ?? "null")["id"] == 1)
        }
    }
}
