import JSONRPC
import TestSupport
import Testing

@Suite struct BadInputTests {
    @Test func badLinksLeaveNothing() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.kenter("run", "-d", "--name", "src", "busybox", "sleep", "1d")
            try await engine.kenter("create", "--name", "made", "busybox", "sleep", "1d")
            for (link, text) in [
                ("nosuch:db", "could not get container for nosuch: No such container: nosuch"),
                ("a:b:c", #"invalid argument "a:b:c" for "--link" flag: bad format for links: a:b:c"#),
                ("", #"invalid argument "" for "--link" flag: empty string specified for links"#),
                ("src:", #"invalid link alias """#), ("src:a b", #"invalid link alias "a b""#),
                ("src:\u{1b}[31m", "invalid link alias"), ("src:a\n1.2.3.4 b", "invalid link alias"),
                ("made:db", "Cannot link to a non running container: /made AS /web/db"),
                ("src:db,env=most", "env"), ("src:db,colour=red", "colour"),
            ] {
                try await engine.expectRefusal(
                    ["run", "-d", "--name", "web", "--link", link, "busybox", "sleep", "1d"], saying: text)
            }
            try await engine.expectRefusal(
                ["run", "-d", "--link", "src:db", "--link", "src:db", "busybox", "sleep", "1d"],
                saying: #"link alias "db" is already used by src"#)
        }
    }

    @Test func badPortsLeaveNothing() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.kenter("run", "-d", "--name", "taken", "-p", "18000:80", "busybox", "sleep", "1d")
            for (port, text) in [
                ("abc", "Invalid containerPort: abc"), ("70000:80", "Invalid hostPort: 70000"),
                ("80:70000", "Invalid containerPort: 70000"),
                ("+80:80", "Invalid hostPort: +80"), ("80/xyz", "Invalid proto: xyz"),
                ("18000-18001:80-82", "Invalid ranges specified for container and host Ports"),
                ("1.2.3:80:80", "Invalid ip address: 1.2.3"),
                ("18000:81", "Bind for 0.0.0.0:18000 failed: port is already allocated"),
            ] {
                try await engine.expectRefusal(["run", "-d", "-p", port, "busybox", "sleep", "1d"], saying: text)
            }
            let service = try await Server(["httpd", "-f", "-p", "7000", "-h", "/"], in: engine, outside: false)
            try await engine.expectRefusal(["run", "-d", "-p", "7000:80", "busybox", "sleep", "1d"], saying: "7000")
            service.stop()
        }
    }

    @Test func badImagesNamesAndCommandsLeaveNothing() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.kenter("run", "-d", "--name", "taken", "busybox", "sleep", "1d")
            let unnamed = try await engine.kenter(["create", "--pull", "never", "UPPER/case"])
            #expect(unnamed.exit == 1 && unnamed.errors.contains("UPPER"), "\(unnamed)")
            try await engine.expectRefusal(
                ["create", "--name", "taken", "busybox"], exit: 1,
                saying: #"Conflict. The container name "/taken" is already in use by container"#)
            for name in ["a", "-a", "a b", "a/b", "é", ""] where name != "" {
                try await engine.expectRefusal(
                    ["create", "--name=\(name)", "busybox"], exit: 1,
                    saying: "Invalid container name (\(name)), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed")
            }
            try await engine.expectRefusal(["run", "--rm", "busybox", "/nosuch"], exit: 127, saying: "/nosuch")
            try await engine.expectRefusal(["run", "--rm", "busybox", "/etc/passwd"], exit: 126, saying: "/etc/passwd")
            try await engine.expectRefusal(
                ["run", "--rm", "-u", "nobodyatall", "busybox", "true"], saying: "nobodyatall")
            try await engine.expectRefusal(["run", "--rm", "--ip", "10.0.0.1", "busybox", "true"], saying: "10.0.0.1")
            let address = try await engine.address(of: "taken")
            try await engine.expectRefusal(["run", "--rm", "--ip", address, "busybox", "true"], saying: address)
            try await engine.expectRefusal(["start", "nosuch"], exit: 1, saying: "No such container: nosuch")
            try await engine.expectRefusal(["rm", "taken"], exit: 1, saying: "You cannot remove a running container")
            try await engine.expectRefusal(["run", "--no-such-flag", "busybox"], saying: "no-such-flag")
        }
    }

    /// Labels stand in every list; however long they are, everybody's listing goes on.
    @Test func largeLabelsMakeMorePagesAndTooLargeOnesAreRefused() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            // As the engine writes it, each has 480 kB.
            let labels = (1...2).flatMap { ["--label", "l\($0)=" + String(repeating: "\u{1}", count: 40_000)] }
            for number in 1...20 {
                let made = try await engine.kenter(
                    ["create", "--name", "large\(number)"] + labels + ["busybox", "true"])
                #expect(made.exit == 0, "\(made)")
            }
            let long = try await engine.kenter([
                "create", "--label", "l=" + String(repeating: "\u{1}", count: 60_000), "busybox", "true",
            ])
            #expect(long.exit == 1 && long.errors.contains("262144"), "\(long)")
            let answer = try await engine.call("container.list", ["all": true])
            let page = answer["result"]["containers"].array ?? []
            #expect((1..<20).contains(page.count) && answer["result"]["next"].string != nil)
            let listed = try await engine.kenter("ps", "-a", "-q").split(separator: "\n")
            #expect(listed.count == 20)
            let archive = try await Command.succeed([BuildProducts.fixture("images/build"), "busybox"]).line
            let imageLabels = (0..<20).map { "l\($0)=$A" }.joined(separator: " ")
            try await engine.kenter(
                "import", archive, "labelled", "--change", "ENV A=" + String(repeating: "x", count: 60_000), "--change",
                "LABEL \(imageLabels)")
            let refused = try await engine.kenter(["create", "labelled", "true"])
            #expect(refused.exit == 1 && refused.errors.contains("labels"), "\(refused)")
        }
    }

    @Test func whatNoKernelTakesIsRefusedBeforeAContainerIsMade() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            for (params, text) in [
                (["resources": ["pids": 4_194_305]], "pids must be"),
                (["mounts": [["type": "tmpfs", "target": "/x", "sizeBytes": -1]]], "not -1"),
            ] as [(JSONValue, String)] {
                var request = params.object ?? JSONObject([])
                request["image"] = "busybox"
                let answer = try await engine.call("container.create", .object(request))
                #expect(answer["error"]["data"]["kind"] == "invalidParams", "\(answer.text)")
                #expect(answer["error"]["message"].string?.contains(text) == true, "\(answer.text)")
            }
            #expect(try await engine.kenter("ps", "-aq").isEmpty)
        }
    }
}
