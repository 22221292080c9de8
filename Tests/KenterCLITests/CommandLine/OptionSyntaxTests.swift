import ArgumentParser
import JSONRPC
import Testing

@testable import kenter

@Suite struct OptionSyntaxTests {
    @Test(arguments: [
        (["-it", "busybox", "sh"], ["--interactive", "--tty", "--", "busybox", "sh"]),
        (["-dit", "x"], ["--detach", "--interactive", "--tty", "--", "x"]),
        (["-ite", "A=b", "x"], ["--interactive", "--tty", "--env=A=b", "--", "x"]),
        (["-p8000:80", "-p", "1:2", "x"], ["--publish=8000:80", "--publish=1:2", "--", "x"]),
        (["-p=8000:80", "x"], ["--publish=8000:80", "--", "x"]),
        (["-e", "-X=1", "x"], ["--env=-X=1", "--", "x"]),
        (["--link", "", "x"], ["--link", "", "--", "x"]),
        (["--net", "none", "x"], ["--network=none", "--", "x"]),
        (["--rm=false", "x"], ["--", "x"]),
        (["--rm", "--rm=false", "x"], ["--", "x"]),
        (["--rm=true", "-d=1", "x"], ["--rm", "--detach", "--", "x"]),
        (["--name", "web", "x", "-e", "A", "--rm"], ["--name=web", "--", "x", "-e", "A", "--rm"]),
        (["--", "x", "--", "y"], ["--", "x", "--", "y"]),
        (["x", "--help"], ["--", "x", "--help"]),
        (["--help"], ["--help", "--"]),
    ])
    func `options end at the image`(_ words: [String], _ expected: [String]) throws {
        #expect(try OptionSyntax.run.normalized(words) == expected)
    }

    @Test(arguments: [
        (["--link"], "flag needs an argument: --link"),
        (["-e"], "flag needs an argument: 'e' in -e"),
        (["-ite"], "flag needs an argument: 'e' in -ite"),
        (["--gpus", "all", "x"], "unknown flag: --gpus"),
        (["-z", "x"], "unknown shorthand flag: 'z' in -z"),
        (["-dz", "x"], "unknown shorthand flag: 'z' in -dz"),
        (["--rm=perhaps", "x"], "invalid argument \"perhaps\" for \"--rm\" flag: it is either true or false"),
    ])
    func `an option that is none is refused in Docker's words`(_ words: [String], _ message: String) {
        let failure = #expect(throws: CommandFailure.self) { try OptionSyntax.run.normalized(words) }
        #expect(failure == CommandFailure(message, status: 125, helpCommand: "run"))
    }

    @Test(arguments: [
        (["run", "x"], 1), (["--host", "unix:///x", "run", "x"], 3),
        (["-H", "unix:///x", "container", "exec", "y"], 4),
        (["--host=unix:///x", "create"], 2),
    ])
    func `the command is found behind global options`(_ words: [String], _ start: Int) {
        #expect(OptionSyntax.find(for: words)?.start == start)
    }

    @Test(arguments: [["ps"], [], ["container", "ls"], ["volume", "create"], ["--host"]])
    func `other commands are left alone`(_ words: [String]) {
        #expect(OptionSyntax.find(for: words) == nil)
    }

    @Test(arguments: [OptionSyntax.run, .create, .exec])
    func `the tables hold exactly what the commands declare`(_ syntax: OptionSyntax) throws {
        let tool = try JSONScanner.scan(Array(Kenter._dumpHelp().utf8))
        let commands = tool.object?["command"]?.object?["subcommands"]?.array ?? []
        let command = try #require(commands.first { $0.object?["commandName"]?.string == syntax.command }?.object)
        var switches: [String: Character?] = [:]
        var valued: [String: Character?] = [:]
        for argument in command["arguments"]?.array?.compactMap(\.object) ?? [] {
            let names = argument["names"]?.array?.compactMap(\.object) ?? []
            func name(_ kind: String) -> [String] {
                names.filter { $0["kind"]?.string == kind }.compactMap { $0["name"]?.string }
            }
            guard let long = name("long").first, long != "help", long != "version" else { continue }
            let short = name("short").first?.first
            if argument["kind"]?.string == "flag" { switches[long] = short } else { valued[long] = short }
        }
        #expect(switches == syntax.switches)
        #expect(valued == syntax.valued)
    }
}

extension OptionSyntax: CustomTestStringConvertible {
    public var testDescription: String { command }
}
