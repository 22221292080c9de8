import JSONRPC
import KenterProtocol
import TestSupport
import Testing

/// The environment of a consumer in a recorded scenario of Docker Engine 20.10, and the source it was made from.
struct Recording: Sendable, CustomTestStringConvertible {
    var scenario: String
    /// The command whose output holds the variables; its first run counts.
    var command: String
    var alias = "db"
    var source = "src"
    var env: [String] = []
    var ports: [String] = []

    var testDescription: String { "\(scenario): \(command)" }

    static let imageEnv = [
        "IMG_A=one", "IMG_EMPTY=", "IMG_SPACE=a b  c", "IMG_EQ=k=v=w", "HOME=/imghome", "LANG=C.UTF-8",
    ]

    static let all =
        [
            Recording(
                scenario: "001-link-alias", command: "exec web env", alias: "mysql", source: "mysqldb",
                env: ["MYSQL_ROOT_PASSWORD=password"], ports: ["80/tcp"]),
            Recording(scenario: "002-link-no-alias", command: "exec web sh", alias: "src", ports: ["80/tcp"]),
            Recording(
                scenario: "005-ports-multi", command: "exec web sh",
                ports: ["9000/udp", "443/tcp", "80/tcp", "53/udp", "53/tcp", "8080/tcp"]),
            Recording(
                scenario: "005-ports-multi", command: "--link s2:db", source: "s2",
                ports: ["10000/tcp", "9/tcp", "100/udp", "20/tcp"]),
            Recording(
                scenario: "005-ports-multi", command: "--link s3:db", source: "s3",
                ports: ["53/udp", "53/tcp", "5/udp"]),
            Recording(
                scenario: "005-ports-multi", command: "--link s4:db", source: "s4", ports: ["53/udp", "54/udp"]),
            Recording(
                scenario: "005-ports-multi", command: "--link s6:db", source: "s6", ports: ["8080/sctp", "53/udp"]),
            Recording(
                scenario: "006-ports-range", command: "--link bb-range:db", source: "bb-range",
                ports: ["7000-7004/tcp", "6000-6002/udp"]),
            Recording(scenario: "006-ports-range", command: "--link r2:db", source: "r2", ports: ["7000-7001/tcp"]),
            Recording(
                scenario: "006-ports-range", command: "--link r4:db", source: "r4",
                ports: ["80/tcp", "81/tcp", "83-85/tcp"]),
            Recording(scenario: "007-ports-none", command: "exec web sh", env: ["A=1"]),
            Recording(scenario: "007-ports-none", command: "--link pub:db", source: "pub", ports: ["80/tcp"]),
            Recording(
                scenario: "008-source-env", command: "exec web sh",
                env: [
                    "IMG_A=overridden", "EMPTY=", "DASH-ED=d", "TERM=vt100", "QUO=\"q'", "HOSTNAME=hh", "UNI=héllo",
                    "SPACE=a b  c ", "EQ=k=v=w", "PATH=/bin:/usr/bin", "lower=low", "DOT.TED=d", "RUN_A=1",
                    "NL=line1\nline2", "HOME=/x", "IMG_EMPTY=", "IMG_SPACE=a b  c", "IMG_EQ=k=v=w", "LANG=C.UTF-8",
                ], ports: ["80/tcp"]),
            Recording(
                scenario: "008-source-env", command: "--link s2:db", source: "s2", env: ["NOSUCHVARONHOST"] + imageEnv,
                ports: ["80/tcp"]),
            Recording(scenario: "008-source-env", command: "--link s4:db", source: "s4", env: ["DUP=2"]),
            Recording(
                scenario: "022-chain", command: "exec cc sh", alias: "b", source: "bb", env: ["BV=1"],
                ports: ["80/tcp"]),
            Recording(
                scenario: "045-real-wordpress", command: "exec web env", alias: "mysql", source: "mysqldb",
                env: ["MYSQL_ROOT_PASSWORD=password", "MYSQL_MAJOR=10.11", "MYSQL_VERSION=10.11-debian12"],
                ports: ["3306/tcp"]),
        ]
        + ["lower", "UPPER", "MiXed", "my-db", "my.db", "my_db", "db2", "2db", "a--b", "a.b-c_d", "x"].map {
            Recording(
                scenario: "009-alias-mangling", command: "--link src:\($0) ", alias: $0, env: ["X=1"],
                ports: ["80/tcp"])
        }

    /// What the command printed, as its lines and as one text.
    func output() throws -> String {
        let scenario = try JSONValue(text: TextFile.read(BuildProducts.fixture("golden/\(scenario).json")))
        let step = (scenario["steps"].array ?? []).first { step in
            let argv = step["argv"].strings.joined(separator: " ")
            return argv.contains(command) && argv.contains("env") && step["exit"].integer == 0
        }
        guard let output = step?["stdout"].string else { throw CommandFailure("no step '\(command)'") }
        return output
    }
}

struct RecordedEnvironmentTests {
    @Test(arguments: Recording.all)
    func `with the old rules a source gives the variables that Docker gave`(recording: Recording) async throws {
        let output = try recording.output()
        let prefix = recording.alias.uppercased().replacing("-", with: "_")
        let lines = output.split(separator: "\n", omittingEmptySubsequences: false)
        // What differs from run to run is taken from the recording itself.
        func value(ending: String) -> Substring? {
            let line = lines.first { line in
                line.hasPrefix("\(prefix)_") && line.prefix { $0 != "=" }.hasSuffix(ending)
            }
            return line.map { $0.drop { $0 != "=" }.dropFirst() }
        }
        let consumer = try #require(value(ending: "_NAME")?.split(separator: "/").first)
        let address = value(ending: "_ADDR").map(String.init) ?? "172.17.0.2"

        let plan = try await LinkLegacyProcess.plan(
            .sample(
                alias: recording.alias, options: ["rules": "v27"], consumer: String(consumer),
                source: recording.source, ipv4: address, env: recording.env, ports: recording.ports))

        for assignment in plan.assignments {
            #expect("\n\(output)".contains("\n\(assignment)\n"), "\(assignment) is in no recorded line")
        }
        #expect(plan.env.count == lines.count { $0.hasPrefix("\(prefix)_") })
    }

    @Test(arguments: Recording.all.filter { $0.scenario == "009-alias-mangling" })
    func `the hosts line is the one that Docker wrote`(recording: Recording) async throws {
        let line = try #require(
            recording.output().split(separator: "\n").first { $0.hasSuffix(" src") && $0.contains("\t") })
        let words = line.split { $0 == "\t" || $0 == " " }.map(String.init)
        let plan = try await LinkLegacyProcess.plan(
            .sample(alias: recording.alias, source: "src", hostname: words[2], ipv4: words[0]))
        #expect(plan.hosts == [LinkHostsEntry(address: words[0], names: Array(words[1...]))])
    }
}
