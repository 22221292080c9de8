import JSONRPC
import TestSupport
import Testing

@Suite struct ComposeTests {
    /// A shop whose parts wait for each other, on networks and a volume of its own.
    private static let shop = """
        x-common: &common
          image: busybox
          stop_grace_period: 0s
        services:
          web:
            <<: *common
            command: sh -c 'echo "web $$GREETING"; exec sleep 1d'
            environment: {GREETING: "${GREETING:-hello} from ${WHO}"}
            links: ["db:mysql"]
            depends_on:
              db: {condition: service_healthy}
              setup: {condition: service_completed_successfully}
            volumes: ["data:/data", "./files:/files:ro"]
            ports: ["8000:80"]
            sysctls: {net.core.somaxconn: 1}
          db:
            <<: *common
            command: ["sh", "-c", "sleep 0.3; touch /ready; exec sleep 1d"]
            expose: ["3306"]
            environment: ["SECRET=${SECRET-}"]
            healthcheck: {test: "test -e /ready", interval: 100ms}
          setup:
            <<: *common
            command: sh -c 'echo made >/data/made'
            volumes: ["data:/data"]
        volumes:
          data:
        """

    @Test func aProjectComesUpInOrderAndGoesDownWhole() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await Command.succeed(["mkdir", "-p", "\(engine.directory)/shop/files"])
            try TextFile.write(Self.shop, to: "\(engine.directory)/shop/compose.yaml")
            try TextFile.write("WHO=me # comment\n", to: "\(engine.directory)/shop/.env")
            func compose(_ words: String..., environment: [String] = []) async throws -> CommandResult {
                try await engine.kenter(
                    ["compose", "-f", "shop/compose.yaml"] + words, environment: environment, within: .seconds(60))
            }
            let config = try await compose("config")
            #expect(config.output.contains("GREETING: \"hello from me\""), "\(config)")
            #expect(config.output.contains("web $$GREETING"), "\(config)")
            let up = try await compose("up", "-d")
            #expect(up.exit == 0, "\(up)")
            #expect(up.errors.contains("services.web.sysctls is not supported: left out"), "\(up)")
            #expect(up.errors.contains("Container shop-web-1  Started"), "\(up)")
            #expect(
                try await engine.kenter("exec", "shop-web-1", "sh", "-c", "cat /data/made; echo $MYSQL_NAME")
                    == "made\n/shop-web-1/mysql")
            for name in ["db", "mysql", "shop-db-1"] {
                #expect(try await engine.kenter("exec", "shop-web-1", "grep", "-w", name, "/etc/hosts").contains(name))
            }
            let listed = try await compose("ps", "-a")
            #expect(listed.output.contains("shop-db-1") && listed.output.contains("(healthy)"), "\(listed)")
            #expect(listed.output.contains("shop-setup-1") && listed.output.contains("Exited (0)"), "\(listed)")
            let logged = try await eventually {
                try await compose("logs", "web").output == "shop-web-1  | web hello from me\n"
            }
            #expect(logged)

            // Nothing has changed: nothing is made anew.
            let before = try await engine.inspect("shop-web-1")["id"]
            let again = try await compose("up", "-d")
            #expect(again.exit == 0 && again.errors.contains("Container shop-web-1  Running"), "\(again)")
            #expect(try await engine.inspect("shop-web-1")["id"] == before)
            // The database has: it and its consumer are.
            let changed = try await compose("up", "-d", "web", environment: ["SECRET=x"])
            #expect(changed.exit == 0 && changed.errors.contains("Container shop-db-1  Removed"), "\(changed)")
            #expect(try await engine.inspect("shop-web-1")["id"] != before)
            #expect(try await engine.kenter("exec", "shop-web-1", "sh", "-c", "echo $MYSQL_ENV_SECRET") == "x")

            let down = try await compose("down")
            #expect(down.exit == 0, "\(down)")
            #expect(try await engine.kenter("ps", "-aq").isEmpty)
            #expect(try await engine.kenter("volume", "ls", "-q") == "shop_data")
            #expect(!(try await engine.kenter("network", "ls", "-q")).contains("shop_default"))
            #expect(try await compose("down", "-v").exit == 0)
            #expect(try await engine.kenter("volume", "ls", "-q").isEmpty)
        }
    }

    @Test func aProjectOfSeveralFilesStopsStartsRestartsAndRunsCommands() async throws {
        let base = """
            services:
              web: {image: busybox, command: sleep 1d, stop_grace_period: 0s, links: ["db:mysql"], networks: [front, back]}
              db: {image: busybox, command: "sh -c 'echo up; exec sleep 1d'", stop_grace_period: 0s, networks: [back]}
              side: {image: busybox, command: sleep 1d, stop_grace_period: 0s, network_mode: "service:db"}
            networks: {front: , back: {ipam: {config: [{subnet: 10.7.0.0/24}]}}}
            """
        let override = "services: {web: {environment: {MODE: test}, networks: {back: {ipv4_address: 10.7.0.77}}}}"
        try await TestEngine.with(images: ["busybox"]) { engine in
            try TextFile.write(base, to: "\(engine.directory)/compose.yaml")
            try TextFile.write(override, to: "\(engine.directory)/compose.override.yaml")
            func compose(_ words: String..., input: String = "") async throws -> CommandResult {
                try await engine.kenter(["compose", "-p", "shop"] + words, input: input)
            }
            func states() async throws -> [String: String] {
                let listed = try JSONValue(text: try await engine.kenter("ps", "-a", "--json")).array ?? []
                return Dictionary(
                    uniqueKeysWithValues: listed.map { ($0["name"].string ?? "", $0["state"].string ?? "") })
            }
            #expect(try await compose("up", "-d").exit == 0)
            let networks = try await engine.inspect("shop-web-1")["networks"]
            #expect(networks["shop_back"]["ipv4"] == "10.7.0.77" && networks["shop_front"]["interface"] == "eth0")

            let script = "echo $MODE $X $MYSQL_NAME; pwd; cat; exit 3"
            let run = try await compose(
                "exec", "-T", "-e", "X=1", "-w", "/tmp", "web", "sh", "-c", script, input: "typed\n")
            #expect(run.exit == 3 && run.output == "test 1 /shop-web-1/mysql\n/tmp\ntyped\n", "\(run)")
            #expect(try await compose("exec", "-d", "-u", "0", "web", "touch", "/made").exit == 0)
            #expect(try await eventually { try await compose("exec", "web", "ls", "/made").exit == 0 })
            let typed = try await compose("exec", "-t", "web", "true")
            #expect(typed.exit == 1 && typed.errors.contains("the input device is not a TTY"), "\(typed)")

            #expect(try await compose("stop", "web").exit == 0)
            #expect(try await states() == ["shop-web-1": "exited", "shop-db-1": "running", "shop-side-1": "running"])
            let off = try await compose("exec", "web", "true")
            #expect(off.exit == 1 && off.errors.contains("service \"web\" is not running"), "\(off)")
            let stop = try await compose("stop", "-t", "0")
            #expect(stop.errors.hasSuffix("Container shop-db-1  Stopped\n"), "sources go last\n\(stop)")
            let start = try await compose("start", "web")
            #expect(
                start.errors == " Container shop-db-1  Started\n Container shop-web-1  Started\n",
                "what it needs comes first\n\(start)")
            #expect(try await compose("start").errors == " Container shop-side-1  Started\n")
            for words in [["start", "db"], ["up", "-d"]] {
                try await engine.kenter("stop", "-t", "0", "shop-db-1")
                let again = try await engine.kenter(["compose", "-p", "shop"] + words)
                #expect(again.errors.contains("Container shop-side-1  Started"), "its network was gone\n\(again)")
                #expect(try await engine.kenter("exec", "shop-side-1", "ip", "address").contains("eth0"))
            }

            let pid = try await engine.inspect("shop-web-1")["state"]["pid"]
            let restart = try await compose("restart", "-t", "0", "db")
            #expect(
                restart.errors == " Container shop-db-1  Started\n Container shop-side-1  Started\n",
                "whoever is in its network goes with it\n\(restart)")
            #expect(try await engine.inspect("shop-web-1")["state"]["pid"] == pid)
            #expect(try await engine.kenter(["exec", "shop-side-1", "ip", "address"]).output.contains("eth0"))
            for tail in ["-1", "all"] {
                let logs = try await compose("logs", "--tail", tail, "db")
                #expect(logs.output == String(repeating: "shop-db-1  | up\n", count: 5), "\(logs)")
            }

            for words in [["stop", "no"], ["start", "no"], ["restart", "no"], ["exec", "no", "x"], ["logs", "no"]] {
                let refused = try await engine.kenter(["compose", "-p", "shop"] + words)
                #expect(refused.exit == 1 && refused.errors.contains("no such service: no"), "\(refused)")
            }
            try await engine.kenter("rm", "-f", "shop-web-1")
            let missing = try await compose("start")
            #expect(missing.exit == 1 && missing.errors.contains("service \"web\" has no container to start"))
            // A container that cannot join all of its networks is not made.
            let bad = override.replacing("10.7.0.77", with: "10.9.0.1")
            try TextFile.write(bad, to: "\(engine.directory)/compose.override.yaml")
            let refused = try await compose("up", "-d", "web")
            #expect(refused.exit == 1 && refused.errors.contains("does not belong to any of this network's subnets"))
            #expect(try await states().keys.sorted() == ["shop-db-1", "shop-side-1"])
            #expect(try await compose("down").exit == 0)
        }
    }

    /// What a directory holds, what the environment says, and which services the project has then.
    @Test(arguments: [
        (["compose.yaml", "compose.override.yml"], [], "a b"),
        (["compose.yml", "docker-compose.override.yaml"], [], "a b"),
        (["a.yaml", "b.yaml", "compose.yaml"], ["COMPOSE_FILE=a.yaml:b.yaml"], "a b"),
        (["a.yaml", "b.yaml"], ["COMPOSE_FILE=a.yaml;b.yaml", "COMPOSE_PATH_SEPARATOR=;"], "a b"),
        (["docker-compose.yml", "compose.yaml"], [], "b"), (["compose.override.yaml"], [], nil),
    ])
    func filesThatNobodyNamesAreFoundAsByDocker(
        _ files: [String], _ environment: [String], _ services: String?
    ) async throws {
        let directory = "/tmp/k\(UInt32.random(in: 0...0xffffff))f"
        try await Command.succeed(["mkdir", "-p", "\(directory)/below"])
        for (file, service) in zip(files, ["a", "b", "c"]) {
            try TextFile.write("services: {\(service): {image: busybox}}", to: "\(directory)/\(file)")
        }
        let kenter = [BuildProducts.executable("kenter"), "compose", "config", "--services"]
        // From the environment, and from the file of variables; both where relative paths start.
        let place = environment.isEmpty ? "\(directory)/below" : directory
        var results = [try await Command.run(kenter, environment: environment, workingDirectory: place)]
        if !environment.isEmpty {
            try TextFile.write(environment.joined(separator: "\n"), to: "\(directory)/.env")
            results.append(try await Command.run(kenter, workingDirectory: place))
        }
        let completed = try await Command.run(
            [BuildProducts.executable("kenter"), "completion", "words", "compose", "stop"], environment: environment,
            workingDirectory: place)
        try await Command.succeed(["rm", "-rf", directory])
        #expect(completed.lines.contains("b") == (services != nil), "\(completed)")
        for result in results {
            #expect(result.exit == (services == nil ? 1 : 0), "\(result)")
            #expect(result.output.split(separator: "\n").joined(separator: " ") == services ?? "", "\(result)")
        }
    }

    @Test func aTagTakesBackWhatAnEarlierFileHasSaid() async throws {
        let base = "services: {web: {image: a, user: '1', ports: ['80'], environment: [A=1, B=2]}}"
        let later =
            "services: {web: {user: !reset null, ports: !override ['90'], environment: {A: !reset , C: !other 3}}}"
        let directory = "/tmp/k\(UInt32.random(in: 0...0xffffff))t"
        try await Command.succeed(["mkdir", directory])
        try TextFile.write(base, to: "\(directory)/compose.yaml")
        try TextFile.write(later, to: "\(directory)/later.yaml")
        let result = try await Command.run(
            [
                BuildProducts.executable("kenter"), "compose", "-f", "compose.yaml", "-f", "later.yaml", "config",
                "--json",
            ],
            workingDirectory: directory)
        try await Command.succeed(["rm", "-rf", directory])
        let web = try JSONValue(text: result.output)["services"]["web"]
        #expect(web == ["image": "a", "ports": ["90"], "environment": ["B": "2", "C": "3"]], "\(result)")
    }

    @Test func aDependencyThatFailsIsNamed() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            func up(_ condition: String, _ description: String) async throws -> CommandResult {
                let file = """
                    services:
                      web: {image: busybox, command: sleep 1d, stop_grace_period: 0s, depends_on: {db: {condition: \(condition)}}}
                      db: {image: busybox, stop_grace_period: 0s, \(description)}
                    """
                try TextFile.write(file, to: "\(engine.directory)/docker-compose.yml")
                return try await engine.kenter(["compose", "-p", "shop", "up", "-d"])
            }
            let sick = try await up(
                "service_healthy", "command: sleep 1d, healthcheck: {test: 'false', interval: 100ms, retries: 1}")
            #expect(sick.exit == 1 && sick.errors.contains("container shop-db-1 is unhealthy"), "\(sick)")
            let failed = try await up("service_completed_successfully", "command: sh -c 'exit 3'")
            #expect(failed.errors.contains("container shop-db-1 didn't complete successfully: exit 3"), "\(failed)")
            #expect(try await engine.kenter(["compose", "-p", "shop", "down", "-t", "0"]).exit == 0)
            #expect(try await engine.kenter("ps", "-aq").isEmpty)
        }
    }

    @Test(arguments: [
        ("services: {web: {image: [}}", "compose.yaml is no YAML"), ("- a", "mapping of services"),
        ("services: {web: {image: a, image: b}}", "compose.yaml is no YAML"),
        ("services: {web: {image: a, '!reset': b}}", "a name must be a text, and no tag"),
        ("services: {web: {image: a, ports: 80}}", "services.web.ports: expected a list"),
    ])
    func aFileThatIsNoneIsRefusedInOneSentence(_ file: String, _ text: String) async throws {
        let directory = "/tmp/k\(UInt32.random(in: 0...0xffffff))y"
        try await Command.succeed(["mkdir", directory])
        try TextFile.write(file, to: "\(directory)/compose.yaml")
        let result = try await Command.run(
            [BuildProducts.executable("kenter"), "compose", "config", "-f", "\(directory)/compose.yaml"])
        try await Command.succeed(["rm", "-rf", directory])
        #expect(result.exit == 1 && result.errors.contains(text), "\(result)")
    }

    @Test(arguments: [true, false])
    func theClassicFileWithLinksComesUp(_ isFirstVersion: Bool) async throws {
        try await TestEngine.with(images: ["mysql", "wordpress"]) { engine in
            let services = """
                wordpress:
                  depends_on: [db]
                  image: wordpress:latest
                  links: ["db:mysql"]
                  ports: ["8000:80"]
                  restart: always
                db:
                  image: mysql:latest
                  restart: always
                  environment:
                    MYSQL_ROOT_PASSWORD: somewordpress
                    MYSQL_DATABASE: wordpress
                """
            let lines = services.split(separator: "\n")
            let later = "version: '3.3'\nservices:\n" + lines.map { "  \($0)\n" }.joined()
            let first = services.replacing("  depends_on: [db]\n", with: "")
            try TextFile.write(isFirstVersion ? first : later, to: "\(engine.directory)/docker-compose.yml")
            let up = try await engine.kenter(["compose", "-p", "blog", "up", "-d"], within: .seconds(180))
            #expect(up.exit == 0, "\(up)")
            let answers = try await eventually(within: .seconds(120)) {
                let page = try await engine.host(
                    "curl", "--silent", "--location", "--max-time", "20", "http://127.0.0.1:8000/")
                return page.output.contains("WordPress") && !page.output.contains("Error establishing")
            }
            #expect(answers)
            #expect(
                try await engine.kenter("exec", "blog-wordpress-1", "sh", "-c", "echo $MYSQL_ENV_MYSQL_ROOT_PASSWORD")
                    == "somewordpress")
            let down = try await engine.kenter(["compose", "-p", "blog", "down", "-v"], within: .seconds(60))
            #expect(down.exit == 0, "\(down)")
            #expect(try await engine.kenter("ps", "-aq").isEmpty)
        }
    }
}
