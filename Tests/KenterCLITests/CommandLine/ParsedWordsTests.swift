import Testing

@testable import kenter

@Suite struct ParsedWordsTests {
    /// Options as `name` or `name=value` in the order of their names, then the operands.
    private func parsed(_ words: [String], as type: any Command.Type = ContainerRunCommand.self) throws -> [String] {
        var syntax = ArgumentReader()
        _ = try type.init(&syntax)
        let parsed = try ParsedWords(words, options: syntax.options, operands: syntax.operandSyntax)
        let values = parsed.values.flatMap { name, values in values.map { "\(name)=\($0)" } }
        return parsed.switches.sorted() + values.sorted() + ["|"] + parsed.operands
    }

    @Test(arguments: [
        (["-it", "busybox", "sh"], ["interactive", "tty", "|", "busybox", "sh"]),
        (["-dit", "x"], ["detach", "interactive", "tty", "|", "x"]),
        (["-ite", "A=b", "x"], ["interactive", "tty", "env=A=b", "|", "x"]),
        (["-p8000:80", "-p", "1:2", "x"], ["publish=1:2", "publish=8000:80", "|", "x"]),
        (["-p=8000:80", "x"], ["publish=8000:80", "|", "x"]),
        (["-e", "-X=1", "x"], ["env=-X=1", "|", "x"]),
        (["--link", "", "x"], ["link=", "|", "x"]),
        (["--link=", "x"], ["link=", "|", "x"]),
        (["--net", "none", "x"], ["network=none", "|", "x"]),
        (["--rm=false", "x"], ["|", "x"]),
        (["--rm", "--rm=false", "x"], ["|", "x"]),
        (["--rm=true", "-d=1", "x"], ["detach", "rm", "|", "x"]),
        (["--name", "web", "x", "-e", "A", "--rm"], ["name=web", "|", "x", "-e", "A", "--rm"]),
        (["--", "x", "--", "y"], ["|", "x", "--", "y"]),
        (["x", "--help"], ["|", "x", "--help"]),
        (["-", "x"], ["|", "-", "x"]),
    ])
    func `options end at the image`(_ words: [String], _ expected: [String]) throws {
        #expect(try parsed(words) == expected)
    }

    @Test func `options may stand behind the operands of other commands`() throws {
        #expect(try parsed(["web", "-t", "0", "db"], as: ContainerStopCommand.self) == ["time=0", "|", "web", "db"])
        #expect(try parsed(["-t0", "web"], as: ContainerStopCommand.self) == ["time=0", "|", "web"])
        #expect(try parsed(["--timeout", "1", "web"], as: ContainerStopCommand.self) == ["time=1", "|", "web"])
        #expect(try parsed(["-aq"], as: ContainerListCommand.self) == ["all", "quiet", "|"])
        #expect(try parsed(["--", "-odd"], as: ContainerListCommand.self) == ["|", "-odd"])
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
        let failure = #expect(throws: CommandFailure.self) { try parsed(words) }
        #expect(failure?.message == message)
    }

    @Test(arguments: [
        ([] as [String], "\"kenter run\" requires at least 1 argument: kenter run IMAGE [COMMAND] [ARGUMENT...]"),
        (["--stop-timeout", "x", "y"], "invalid argument \"x\" for \"--stop-timeout\" flag: it is no whole number"),
        (["--pull", "x", "y"], "invalid argument \"x\" for \"--pull\" flag: use one of missing, always, never"),
    ])
    func `values and operands are checked`(_ words: [String], _ message: String) {
        let failure = #expect(throws: CommandFailure.self) {
            try Program.parse(ContainerRunCommand.self, ["run"], words, nil)
        }
        #expect(failure?.message == message)
    }

    @Test func `no command declares an option twice`() throws {
        var entries = CommandTree.all
        while let entry = entries.popLast() {
            switch entry.target {
            case .group(let inner): entries += inner
            case .command(let type):
                var syntax = ArgumentReader()
                _ = try type.init(&syntax)
                let names = syntax.options.flatMap { [$0.long] + $0.synonyms }
                let letters = syntax.options.compactMap(\.short)
                #expect(Set(names).count == names.count, "\(entry.names)")
                #expect(Set(letters).count == letters.count, "\(entry.names)")
                #expect(!type.abstract.isEmpty)
            }
        }
    }

    @Test func `names of commands are unique where they stand`() {
        var groups = [CommandTree.all]
        while let entries = groups.popLast() {
            let names = entries.flatMap(\.names)
            #expect(Set(names).count == names.count)
            for case .group(let inner) in entries.map(\.target) { groups.append(inner) }
        }
    }

    @Test(arguments: [
        (["volume", ""], "create"), (["run", ""], "--publish"), ([], "run"),
        (["--host", "x", "container", ""], "prune"),
    ])
    func `completion knows what may follow`(_ words: [String], _ candidate: String) async {
        #expect(await Completion(words.filter { !$0.isEmpty }).candidates().contains(candidate))
    }

    /// Where an option waits for its value, no option and no other name is offered.
    @Test(arguments: [["run", "--network"], ["run", "-v"], ["run", "-itv"], ["run", "--name"], ["ps", "-f"]])
    func `an option that wants a value gets no other word`(_ words: [String]) async {
        #expect(await Completion(words).candidates().allSatisfy { !$0.hasPrefix("-") })
    }
}
