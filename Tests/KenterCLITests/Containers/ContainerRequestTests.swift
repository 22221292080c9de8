import JSONRPC
import KenterProtocol
import Testing

@testable import kenter

/// From the words of `kenter run` to the parameters of `container.create`.
@Suite struct ContainerRequestTests {
    private func request(_ words: [String], environment: [String: String] = [:]) throws -> ContainerCreate {
        let command = try Program.parse(ContainerRunCommand.self, ["run"], words, nil)
        return try #require(command as? ContainerRunCommand).options.request { environment[$0] }
    }

    @Test func `the tutorial's first command`() throws {
        let words = "-p 3306:3306 --name mysqldb -e MYSQL_ROOT_PASSWORD=password -d mysql".split(separator: " ")
        let expected = ContainerCreate(
            image: "mysql", name: "mysqldb", env: ["MYSQL_ROOT_PASSWORD=password"], publish: ["3306:3306"])
        #expect(try request(words.map(String.init)) == expected)
    }

    @Test func `the tutorial's second command`() throws {
        let words = "--name web --link mysqldb:mysql -p 8000:80 -d wordpress".split(separator: " ")
        let expected = ContainerCreate(
            image: "wordpress", name: "web", publish: ["8000:80"], links: ["mysqldb:mysql"])
        #expect(try request(words.map(String.init)) == expected)
    }

    @Test func `what follows the image is its command`() throws {
        let found = try request(["-it", "--rm", "busybox", "sh", "-c", "echo $A", "--", "-e"])
        #expect(found.command == ["sh", "-c", "echo $A", "--", "-e"])
        #expect(found.tty == true && found.stdinOpen == true && found.autoRemove == true)
    }

    @Test func `every option has its place`() throws {
        let found = try request([
            "--hostname", "h", "-w", "/w", "-u", "1:2", "--entrypoint", "/e", "-P", "--expose", "80", "--add-host",
            "a:1.2.3.4", "-l", "k=v", "--label", "bare", "--read-only", "--restart", "on-failure:3", "--ip",
            "172.17.0.9",
            "-m", "64m", "--cpus", "1.5", "--pids-limit", "100", "--network", "none", "--volumes-from", "other:ro",
            "--cap-add", "NET_RAW", "--cap-drop", "ALL", "--privileged", "--dns", "1.1.1.1", "--stop-signal", "INT",
            "--stop-timeout", "3", "--init", "--host-port", "5432/tcp", "--tmpfs", "/run:size=1m", "--engine-access",
            "x",
        ])
        var expected = ContainerCreate(image: "x")
        (expected.hostname, expected.workdir, expected.user) = ("h", "/w", "1:2")
        (expected.entrypoint, expected.publishAll, expected.expose) = (["/e"], true, ["80"])
        (expected.extraHosts, expected.labels) = (["a:1.2.3.4"], ["k": "v", "bare": ""])
        (expected.readOnly, expected.ip, expected.network) = (true, "172.17.0.9", "none")
        expected.restart = RestartPolicy(policy: .onFailure, maxRetries: 3)
        expected.resources = Resources(memoryBytes: 64 << 20, cpus: 1.5, pids: 100)
        (expected.volumesFrom, expected.capAdd, expected.capDrop) = (["other:ro"], ["NET_RAW"], ["ALL"])
        (expected.privileged, expected.dns, expected.stopSignal) = (true, ["1.1.1.1"], "INT")
        (expected.stopTimeoutSeconds, expected.`init`, expected.hostPorts) = (3, true, ["5432/tcp"])
        expected.mounts = [MountRequest(type: .tmpfs, target: "/run", sizeBytes: 1 << 20)]
        expected.engineAccess = true
        #expect(found == expected)
    }

    @Test func `of several networks the first has the options that name none`() throws {
        let found = try request([
            "--network", "front", "--net=name=back,alias=db,alias=store,ip=10.1.0.5", "--network",
            "name=out,ip6=fd00::5",
            "--network-alias", "www", "--ip", "10.0.0.5", "x",
        ])
        #expect(found.network == "front" && found.networkAliases == ["www"] && found.ip == "10.0.0.5")
        #expect(
            found.furtherNetworks == [
                MembershipRequest(network: "back", aliases: ["db", "store"], ip: "10.1.0.5"),
                MembershipRequest(network: "out", ip6: "fd00::5"),
            ])
    }

    @Test func `the long form says of one network what the options say`() throws {
        let long = try request(["--network", "name=front,alias=www,ip=10.0.0.5,ip6=fd00::5", "x"])
        let short = try request([
            "--network", "front", "--network-alias", "www", "--ip", "10.0.0.5", "--ip6", "fd00::5", "x",
        ])
        #expect(long == short && long.furtherNetworks == nil)
    }

    @Test func `a variable without value comes from here, or goes as its name`() throws {
        let found = try request(["-e", "SET", "-e", "UNSET", "-e", "EMPTY=", "x"], environment: ["SET": "1"])
        #expect(found.env == ["SET=1", "UNSET", "EMPTY="])
    }

    @Test func `a file of variables skips comments and what is unset here`() throws {
        let text = "# comment\n\nA=b c\n  B=\nSET\nUNSET\n#C=1\n"
        #expect(try EnvironmentOption.fromFile(text) { ["SET": "1"][$0] } == ["A=b c", "B=", "SET=1"])
    }

    @Test func `an empty entry point is sent, to take the image's away`() throws {
        #expect(try request(["--entrypoint", "", "x", "ls"]).entrypoint == [""])
    }

    @Test(arguments: [
        ("data:/d", MountRequest(type: .volume, source: "data", target: "/d")),
        ("data:/d:ro", MountRequest(type: .volume, source: "data", target: "/d", readOnly: true)),
        ("/h:/d:rw", MountRequest(type: .bind, source: "/h", target: "/d", createSource: true)),
        ("/d", MountRequest(type: .volume, target: "/d")),
    ])
    func `a volume or a directory`(_ text: String, _ expected: MountRequest) throws {
        #expect(try MountOption.volume(text) == expected)
    }

    @Test(arguments: [
        (
            "type=bind,source=/h,target=/d,readonly",
            MountRequest(type: .bind, source: "/h", target: "/d", readOnly: true)
        ),
        ("src=data,dst=/d,ro=false", MountRequest(type: .volume, source: "data", target: "/d", readOnly: false)),
        ("type=tmpfs,destination=/t,tmpfs-size=1k", MountRequest(type: .tmpfs, target: "/t", sizeBytes: 1024)),
    ])
    func `a mount`(_ text: String, _ expected: MountRequest) throws {
        #expect(try MountOption.mount(text) == expected)
    }

    @Test func `the same volume twice is one mount`() throws {
        #expect(try MountOption.mounts(volumes: ["/x", "/x"], mounts: [], tmpfs: []).count == 1)
    }

    @Test(arguments: ["a:1.2.3.4", "a:::1", "gw:host-gateway"])
    func `a line of the hosts file`(_ text: String) throws {
        #expect(try HostOption.entry(text) == text)
    }

    @Test func `health checks`() throws {
        let found = try request([
            "--health-cmd", "true", "--health-interval", "1m30s", "--health-timeout", "500ms", "--health-retries", "2",
            "x",
        ])
        let expected = Healthcheck(test: ["CMD-SHELL", "true"], intervalSeconds: 90, timeoutSeconds: 0.5, retries: 2)
        #expect(found.healthcheck == expected)
        #expect(try request(["--no-healthcheck", "x"]).healthcheck == Healthcheck(test: ["NONE"]))
    }

    @Test(arguments: [
        (["--link", "a:b:c", "x"], #"invalid argument "a:b:c" for "--link" flag: bad format for links: a:b:c"#),
        (["--link", "::", "x"], #"invalid argument "::" for "--link" flag: bad format for links: ::"#),
        (["--link", "", "x"], #"invalid argument "" for "--link" flag: empty string specified for links"#),
        (["-e", "=v", "x"], #"invalid argument "=v" for "-e, --env" flag: invalid environment variable: =v"#),
        (["--add-host", "bad", "x"], #"invalid argument "bad" for "--add-host" flag: bad format for add-host: "bad""#),
        (
            ["--add-host", "h:no", "x"],
            #"invalid argument "h:no" for "--add-host" flag: invalid IP address in add-host: "no""#
        ),
        (["-v", "a:/x:zz", "x"], "invalid mode: zz"),
        (["-v", "/x:/y:ro,rw", "x"], "invalid mode: ro,rw"),
        (["-v", "/x:/y:rshared", "x"], "unsupported mode 'rshared' in 'rshared': use ro or rw"),
        (["-v", "", "x"], "invalid empty volume spec"),
        (["-v", ":/x", "x"], "invalid spec: :/x: empty section between colons"),
        (
            ["-v", "/:/", "x"],
            #"invalid volume specification: '/:/': invalid mount config for type "bind": invalid specification: destination can't be '/'"#
        ),
        (
            ["-v", "data:/", "x"],
            #"invalid volume specification: 'data:/': invalid mount config for type "volume": invalid specification: destination can't be '/'"#
        ),
        (
            ["--network", "alias=www", "x"],
            #"invalid argument "alias=www" for "--network" flag: network name/id is not specified"#
        ),
        (
            ["--network", "name=a,www", "x"],
            #"invalid argument "name=a,www" for "--network" flag: invalid field www"#
        ),
        (
            ["--network", "name=a,mac=x", "x"],
            #"invalid argument "name=a,mac=x" for "--network" flag: invalid field key mac: use name, alias, ip and ip6"#
        ),
        (
            ["--network", "name=a,alias=b", "--network-alias", "c", "x"],
            "conflicting options: cannot specify both --network-alias and per-network alias"
        ),
        (
            ["--network", "name=a,ip=10.0.0.5", "--ip", "10.0.0.6", "x"],
            "conflicting options: cannot specify both --ip and per-network IPv4 address"
        ),
        (["-m", "much", "x"], #"invalid argument "much" for "-m, --memory" flag: invalid size: 'much'"#),
        (["--cpus", "x", "x"], #"invalid argument "x" for "--cpus" flag: failed to parse x as a rational number"#),
        (["--restart", "always:3", "x"], "maximum retry count cannot be used with restart policy 'always'"),
        (["--rm", "--restart", "always", "x"], "conflicting options: --restart and --rm"),
        (["--no-healthcheck", "--health-cmd", "x", "x"], "--no-healthcheck conflicts with --health-* options"),
        (
            ["--mount", "type=bind,x", "x"],
            #"invalid argument "type=bind,x" for "--mount" flag: invalid field 'x' must be a key=value pair"#
        ),
    ])
    func `a value that is none is refused in Docker's words`(_ words: [String], _ message: String) throws {
        let error = #expect(throws: OptionError.self) { try request(words) }
        #expect(error?.message == message)
        let failure = ContainerRunCommand.failure(OptionError(message))
        #expect(failure == CommandFailure(message, status: 125, helpCommand: "run"))
    }

    @Test(
        arguments: [
            ("64m", 64 << 20), ("1g", 1 << 30), ("1.5k", 1536), ("4096", 4096), ("10b", 10), ("2KiB", 2048),
            ("1TB", 1 << 40),
            ("6 mb", 6 << 20),
        ] as [(String, Int64)])
    func `sizes`(_ text: String, _ bytes: Int64) throws {
        #expect(try SizeOption.bytes(text, option: "-m") == bytes)
    }

    @Test func `the engine says with which status a command did not start, its text does not`() {
        let text = "mount /x: no such file or directory"
        #expect(StartStatus.status(of: RPCError(.io, text, details: ["exitCode": 127]), other: 125) == 127)
        #expect(StartStatus.status(of: RPCError(.io, text), other: 125) == 125)
        #expect(StartStatus.status(of: CommandFailure(text), other: 1) == 1)
    }

    @Test(arguments: [
        ("a:1.2.3.4", "a:1.2.3.4"), ("a=1.2.3.4", "a:1.2.3.4"), ("a=[::1]", "a:::1"), ("a:::1", "a:::1"),
        ("a=host-gateway", "a:host-gateway"),
    ])
    func `hosts are added with a colon or an equals sign`(_ text: String, _ entry: String) throws {
        #expect(try HostOption.entry(text) == entry)
    }

    @Test(arguments: [("/x:/y:z", nil), ("/x:/y:ro,Z", true), ("/x:/y:rw,cached", nil)] as [(String, Bool?)])
    func `modes that change nothing here are taken`(_ text: String, _ isReadOnly: Bool?) throws {
        #expect(try MountOption.volume(text).readOnly == isReadOnly)
    }
}
