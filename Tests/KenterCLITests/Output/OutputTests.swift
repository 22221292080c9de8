import JSONRPC
import KenterProtocol
import Testing

@testable import kenter

@Suite struct OutputTests {
    @Test(
        arguments: [
            (0.2, "Less than a second"), (1, "1 second"), (59, "59 seconds"), (60, "About a minute"),
            (180, "3 minutes"),
            (3_599, "59 minutes"), (3_600, "About an hour"), (5_000, "About an hour"), (5_400, "2 hours"),
            (47 * 3_600, "47 hours"), (48 * 3_600, "2 days"), (13 * 86_400, "13 days"), (14 * 86_400, "2 weeks"),
            (59 * 86_400, "8 weeks"), (60 * 86_400, "2 months"), (729 * 86_400, "24 months"), (730 * 86_400, "2 years"),
        ] as [(Double, String)])
    func `ages in Docker's words`(_ seconds: Double, _ text: String) {
        #expect(HumanText.duration(seconds: seconds) == text)
    }

    @Test func `ages of moments that are as far away as moments can be`() {
        #expect(HumanText.age(of: "1678-01-01T00:00:00Z", now: Timestamp(nanoseconds: .max)) == "584 years ago")
        let future = HumanText.age(of: "2261-01-01T00:00:00Z", now: Timestamp(nanoseconds: .min))
        #expect(future == "Less than a second ago")
        #expect(HumanText.duration(seconds: 1e300).hasSuffix(" years"))
    }

    @Test(
        arguments: [
            (0, "0B"), (999, "999B"), (1_000, "1kB"), (1_240_000, "1.24MB"), (5_590_000, "5.59MB"),
            (77_800_000, "77.8MB"),
            (133_000_000, "133MB"), (999_600_000, "1GB"), (9_996, "10kB"), (1_500, "1.5kB"),
        ] as [(Int64, String)])
    func `sizes with three digits`(_ bytes: Int64, _ text: String) {
        #expect(HumanText.size(bytes: bytes) == text)
    }

    @Test(arguments: [
        (0, "0B"), (1023, "1023B"), (2_752_512, "2.625MiB"), (67_108_864, "64MiB"), (25_000_000_000, "23.28GiB"),
    ])
    func `binary sizes with four digits`(_ bytes: Int64, _ text: String) {
        #expect(HumanText.binarySize(bytes: bytes) == text)
    }

    @Test(arguments: [
        (0, "0.00%"), (0.0007, "0.07%"), (1.5, "150.00%"), (0.12345, "12.35%"), (-1, "0.00%"),
        (1e300, "10000000000000.00%"),
    ])
    func `shares with two decimals`(_ share: Double, _ text: String) {
        #expect(HumanText.percent(share) == text)
    }

    @Test(arguments: [
        ("plain äöü 字", "plain äöü 字"), ("\u{1b}[31mred", "\\u001b[31mred"), ("a\nb\tc", "a\\nb\\tc"),
        ("\u{9b}31m", "\\u009b31m"), ("txt.\u{202e}gpj", "txt.\\u202egpj"), ("\u{2066}x\u{7f}", "\\u2066x\\u007f"),
    ])
    func `nothing of others moves the cursor`(_ text: String, _ escaped: String) {
        #expect(TerminalText.escaped(text) == escaped)
    }

    @Test func `JSON for people stays JSON and is safe`() throws {
        let value: JSONValue = ["name": "\u{202e}\u{9b}x\u{1b}", "list": [1, []], "empty": [:]]
        let text = PrettyJSON.text(value)
        #expect(!text.unicodeScalars.contains { $0 != "\n" && TerminalText.isUnsafe($0) })
        #expect(try JSONScanner.scan(Array(text.utf8)) == value)
        #expect(
            text.hasPrefix(
                "{\n    \"name\": \"\\u202e\\u009bx\\u001b\",\n    \"list\": [\n        1,\n        []\n    ],"))
        #expect(PrettyJSON.line([1, ["a": 2]]) == #"[1,{"a":2}]"#)
    }

    @Test func `a table is as wide as it needs to be`() {
        var table = Table(["DRIVER", "VOLUME NAME"])
        table.add(["local", "data"])
        #expect(table.text == "DRIVER    VOLUME NAME\nlocal     data\n")
        table.add(["storage-overlay", "x\u{1b}"])
        #expect(
            table.text
                == "DRIVER            VOLUME NAME\nlocal             data\nstorage-overlay   x\\u001b\n")
    }

    private static func port(_ address: String?, _ host: UInt16?, _ number: UInt16, udp: Bool = false) -> Port {
        Port(hostAddress: address, hostPort: host, containerPort: number, protocol: udp ? .udp : .tcp)
    }

    /// The lines that Docker printed in scenario 026.
    @Test(arguments: [
        ([port("0.0.0.0", 18000, 80), port("::", 18000, 80)], "0.0.0.0:18000->80/tcp, [::]:18000->80/tcp"),
        (
            [port(nil, nil, 80), port("127.0.0.1", 18401, 91, udp: true), port("127.0.0.1", 18400, 90, udp: true)],
            "80/tcp, 127.0.0.1:18400->90/udp, 127.0.0.1:18401->91/udp"
        ),
        (
            [
                port("::", 18201, 80), port("0.0.0.0", 18200, 80), port("0.0.0.0", 18201, 80), port("::", 18200, 80),
                port("0.0.0.0", 18202, 81), port("::", 18202, 81),
            ],
            "0.0.0.0:18200->80/tcp, 0.0.0.0:18201->80/tcp, [::]:18200->80/tcp, [::]:18201->80/tcp, 0.0.0.0:18202->81/tcp, [::]:18202->81/tcp"
        ),
        ([port(nil, nil, 80), port(nil, nil, 82), port(nil, nil, 81)], "80-82/tcp"),
        ([port("0.0.0.0", 80, 80), port("0.0.0.0", 81, 81)], "0.0.0.0:80-81->80-81/tcp"),
        ([], ""),
    ])
    func `ports in one line`(_ ports: [Port], _ text: String) {
        #expect(PortList.text(ports) == text)
    }

    private let container = ContainerSummary(
        id: String(repeating: "ab", count: 32), name: "mysqldb", names: ["/mysqldb", "/web/mysql"], image: "mysql",
        command: ["/entrypoint.sh", "mysqld", "--x"], state: .running, status: "Up 3 minutes",
        createdAt: "2026-11-24T02:39:00Z", ports: [Port(containerPort: 3306, protocol: .tcp)])

    @Test func `a row of ps is cut`() {
        let now = Timestamp(nanoseconds: (1_795_487_940 + 200) * 1_000_000_000)
        #expect(
            ContainerListCommand.row(container, isCut: true, now: now) == [
                "abababababab", "mysql", "\"/entrypoint.sh mysq…\"", "3 minutes ago", "Up 3 minutes", "3306/tcp",
                "mysqldb",
            ])
    }

    @Test func `a row of ps without cuts has link names`() {
        let row = ContainerListCommand.row(container, isCut: false)
        #expect(row[0] == container.id)
        #expect(row[2] == "\"/entrypoint.sh mysqld --x\"")
        #expect(row[6] == "mysqldb,web/mysql")
    }

    @Test(arguments: [
        ("mysql:latest", "mysql", "latest"), ("localhost:5000/a/b:1", "localhost:5000/a/b", "1"),
        ("localhost:5000/a", "localhost:5000/a", "<none>"),
    ])
    func `references in two columns`(_ reference: String, _ repository: String, _ tag: String) {
        #expect(ImageListCommand.split(reference) == (repository, tag))
    }

    @Test func `progress in numbers`() {
        #expect(
            ProgressDisplay.amount(Progress.Value(kind: .report, done: 1_240_000, total: 5_590_000, unit: "bytes"))
                == " 1.24MB/5.59MB")
        #expect(
            ProgressDisplay.amount(Progress.Value(kind: .report, done: 2, total: 5, unit: "layers")) == " 2/5 layers")
        #expect(ProgressDisplay.amount(Progress.Value(kind: .begin)) == "")
    }
}
