import JSONRPC
import KenterProtocol
import Testing

@testable import KenterEngine

@Suite struct ImportChangesTests {
    private func config(_ changes: String...) throws -> ImageConfiguration {
        try ImportChanges.configuration(changes)
    }

    @Test func `commands have an exec form and a shell form`() throws {
        #expect(try config(#"CMD ["a", "b c"]"#).command == ["a", "b c"])
        #expect(try config("cmd a  b").command == ["/bin/sh", "-c", "a  b"])
        #expect(try config(#"ENTRYPOINT ["/e.sh"]"#, "CMD x").entrypoint == ["/e.sh"])
        #expect(try config(#"ENTRYPOINT exec "$A""#).entrypoint == ["/bin/sh", "-c", #"exec "$A""#])
    }

    @Test(arguments: [
        ("ENV A=b", ["A=b"]), ("ENV A=b C=\"d e\"", ["A=b", "C=d e"]), ("ENV A=b A=c", ["A=c"]),
        ("ENV IMG_EMPTY=", ["IMG_EMPTY="]), ("ENV S=\"a b  c\"", ["S=a b  c"]), ("ENV E=k=v=w", ["E=k=v=w"]),
        ("ENV OLD a b  c", ["OLD=a b  c"]), (#"ENV A=a\ b"#, ["A=a b"]), ("ENV A='$X \"q\"'", [#"A=$X "q""#]),
        (#"ENV A="\"q\" \$x""#, [#"A="q" $x"#]), ("env\tA=1", ["A=1"]), ("ENV A=é", ["A=é"]),
    ])
    func `variables are set`(_ change: String, _ env: [String]) throws {
        #expect(try config(change).env == env)
    }

    @Test func `variables refer to those set before`() throws {
        let env = try config("ENV A=1", "ENV B=$A C=${A}2 D=${X:-d} E=${A:+e} F=$X. G='$A'").env
        #expect(env == ["A=1", "B=1", "C=12", "D=d", "E=e", "F=.", "G=$A"])
        #expect(try config("ENV A=/a", "WORKDIR $A/b").workdir == "/a/b")
    }

    @Test func `ports are listed one by one, in order`() throws {
        let ports = try config("EXPOSE 9000/udp 443 80", "EXPOSE 7000-7002 53/TCP 80/tcp").exposedPorts
        #expect(ports == ["53/tcp", "80/tcp", "443/tcp", "7000/tcp", "7001/tcp", "7002/tcp", "9000/udp"])
    }

    @Test func `the rest is taken as written`() throws {
        let config = try config(
            "VOLUME /v", #"VOLUME ["/a b", "/c"]"#, "VOLUME /d /e", "USER nobody:nogroup", "WORKDIR /a",
            "WORKDIR b/../c",
            "LABEL l=1 m.n=\"2 3\"", "LABEL l=4", "STOPSIGNAL SIGINT")
        #expect(config.volumes == ["/v", "/a b", "/c", "/d", "/e"])
        #expect(config.user == "nobody:nogroup" && config.workdir == "/a/c" && config.stopSignal == "SIGINT")
        #expect(config.labels == ["l": "4", "m.n": "2 3"])
    }

    @Test(arguments: [
        ("HEALTHCHECK NONE", Healthcheck(test: ["NONE"])),
        ("HEALTHCHECK CMD curl -f  x || exit 1", Healthcheck(test: ["CMD-SHELL", "curl -f  x || exit 1"])),
        (#"healthcheck cmd ["a", "b c"]"#, Healthcheck(test: ["CMD", "a", "b c"])),
        (
            "HEALTHCHECK --interval=1m30s --timeout=500ms --start-period=2s --start-interval=1s --retries=4 CMD a",
            Healthcheck(
                test: ["CMD-SHELL", "a"], intervalSeconds: 90, timeoutSeconds: 0.5, startPeriodSeconds: 2,
                startIntervalSeconds: 1, retries: 4)
        ),
    ])
    func `healthchecks are kept, also in the image's own document`(_ change: String, _ check: Healthcheck) throws {
        let config = try config(change)
        #expect(config.healthcheck == check)
        #expect(ImageConfiguration(ociConfig: config.ociConfig).healthcheck == check)
    }

    @Test(arguments: [
        ("HEALTHCHECK true", "Unknown type"), ("HEALTHCHECK CMD", "Missing command after HEALTHCHECK CMD"),
        ("HEALTHCHECK CMD []", "Missing command after HEALTHCHECK CMD"),
        ("HEALTHCHECK --often CMD a", "Unknown flag"), ("HEALTHCHECK --interval=x CMD a", "length of time"),
        ("HEALTHCHECK NONE a", "takes no arguments"), ("HEALTHCHECK --retries=-1 CMD a", "whole number"),
        ("HEALTHCHECK --interval=1us CMD a", "cannot be less than 1ms"),
        ("RUN true", "RUN is not a valid change command"), ("NONSENSE", "unknown instruction: NONSENSE"),
        ("", "unknown"),
        ("CMD", "CMD requires at least one argument"), ("CMD [", "JSON array"), ("CMD [1]", "JSON array"),
        ("ENV A", "ENV must have two arguments"), ("ENV A=1 B", "can't find = in \"B\""),
        ("ENV =x", "can not be blank"),
        ("ENV A=\"b", "looking for the end of \""), ("ENV A=${B", "looking for the end of {"),
        ("EXPOSE 0", "invalid containerPort: 0"), ("EXPOSE 8080:80", "invalid containerPort"),
        ("EXPOSE 80/icmp", "invalid containerPort"), ("EXPOSE 9-8", "invalid containerPort"),
        ("EXPOSE 70000", "invalid containerPort"), (#"VOLUME [""]"#, "VOLUME specified can not be an empty string"),
    ])
    func `a bad instruction is named`(_ change: String, _ text: String) throws {
        do {
            _ = try config(change.isEmpty ? " " : change)
            Issue.record("\(change) was taken")
        } catch let error as RPCError {
            #expect(error.kind == .invalidParams && error.message.contains(text), "\(error.message)")
        }
    }

    @Test func `an image's checks come once a second at most`() {
        let config = ImageConfiguration(ociConfig: [
            "Healthcheck": [
                "Test": ["CMD", "true"], "Interval": 1, "StartInterval": 1_000_000, "Timeout": 5_000_000,
            ]
        ])
        #expect(config.healthcheck?.intervalSeconds == 1 && config.healthcheck?.startIntervalSeconds == 1)
        #expect(config.healthcheck?.timeoutSeconds == 0.005)
    }

    @Test func `variables that hold variables end at a limit`() throws {
        let doubling = ["ENV A=" + String(repeating: "a", count: 1000)] + (0..<40).map { _ in "ENV A=$A$A" }
        let many = ["ENV A=" + String(repeating: "a", count: 20_000)] + (0..<4000).map { "ENV B\($0)=$A" }
        let oneLine = [many[0], "ENV " + (0..<4000).map { "B\($0)=$A" }.joined(separator: " ")]
        for changes in [doubling, many, oneLine, [String(repeating: "ENV A=b\n", count: 20_000)]] {
            #expect(throws: RPCError.self) { try ImportChanges.configuration(changes) }
        }
        #expect(try ImportChanges.configuration(["EXPOSE 1-9000 1-9000/tcp 1-9000"]).exposedPorts.count == 9000)
    }

    @Test func `a configuration survives being written and read`() throws {
        let config = try config(
            "ENV A=b", "CMD [\"c\"]", "EXPOSE 80", "VOLUME /v", "LABEL l=1", "USER u", "WORKDIR /w", "STOPSIGNAL 9")
        #expect(ImageConfiguration(ociConfig: config.ociConfig) == config)
    }
}
