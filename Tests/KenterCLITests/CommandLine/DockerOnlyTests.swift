import Testing

@testable import kenter

@Suite struct DockerOnlyTests {
    @Test func `what is said to be missing is`() throws {
        for words in DockerOnly.commands.keys {
            let (_, entry, rest) = CommandTree.find(words.split(separator: " ").map(String.init))
            #expect(!rest.isEmpty, "\(words) is \(entry?.names ?? [])")
        }
        for (words, options) in DockerOnly.options {
            guard
                case .command(let type)? = CommandTree.find(words.split(separator: " ").map(String.init)).entry?.target
            else {
                Issue.record("there is no command \(words)")
                continue
            }
            var syntax = ArgumentReader()
            _ = try type.init(&syntax)
            for option in syntax.options {
                let names =
                    ([option.long] + option.synonyms).map { "--\($0)" } + (option.short.map { ["-\($0)"] } ?? [])
                #expect(names.allSatisfy { options[$0] == nil }, "\(words) \(names)")
            }
        }
    }

    @Test(arguments: [
        (["build"], "'build' is not in kenter: build with buildah or docker, then 'kenter load'"),
        (
            ["image", "push"],
            "'image push' is not in kenter: 'skopeo copy' brings images to registries, and into archives"
        ),
        (["compose", "scale"], "'compose scale' is not in kenter: a service has one container"),
        (["container", "diff"], "'container diff' is not in kenter"), (["bild"], nil), (["compose", "bild"], nil),
    ])
    func `commands of Docker's alone`(_ path: [String], _ text: String?) {
        #expect(DockerOnly.command(path) == text)
    }

    @Test(arguments: [
        (["run"], ["--device", "x", "y"], "'--device' is not in kenter: --privileged gives it every device"),
        (
            ["container", "create"], ["--gpus=all", "y"],
            "'--gpus' is not in kenter: --privileged gives it every device"
        ),
        (["run"], ["--bogus", "y"], "unknown flag: --bogus"),
        (["run"], ["--format", "x", "y"], "unknown flag: --format"),
        (
            ["volume", "inspect"], ["-f", "{{.Name}}", "y"],
            "kenter has no Go templates: the output is JSON, for instance for jq"
        ),
        (["inspect"], ["--format", "x", "y"], "kenter has no Go templates: the output is JSON, for instance for jq"),
        (["link", "inspect"], ["-f", "x", "y"], "kenter has no Go templates: use --json, for instance with jq"),
        (["stats"], ["--format", "x"], "kenter has no Go templates: use --json, for instance with jq"),
        (["info"], ["--format", "x"], "kenter has no Go templates: use --json, for instance with jq"),
        (["version"], ["--format", "x"], "kenter has no Go templates: use --json, for instance with jq"),
        (["events"], ["--format", "x"], "kenter has no Go templates: use --json, for instance with jq"),
        (["ps"], ["--format", "x"], "kenter has no Go templates: use --json, for instance with jq"),
    ])
    func `options of Docker's alone`(_ path: [String], _ words: [String], _ text: String) throws {
        guard case .command(let type)? = CommandTree.find(path).entry?.target else {
            Issue.record("there is no command \(path)")
            return
        }
        let failure = #expect(throws: CommandFailure.self) { try Program.parse(type, path, words, nil) }
        #expect(failure?.message == text)
    }

    @Test func `help keeps within 80 columns`() throws {
        var entries = CommandTree.all.map { ([$0.names[0]], $0) }
        var texts = [Help.root]
        while let (path, entry) = entries.popLast() {
            switch entry.target {
            case .group(let inner):
                texts.append(Help.group(path, entry.abstract, inner))
                entries += inner.map { (path + [$0.names[0]], $0) }
            case .command(let type):
                var syntax = ArgumentReader()
                _ = try type.init(&syntax)
                texts.append(Help.command(path, type, syntax))
            }
        }
        for line in texts.flatMap({ $0.split(separator: "\n") }) where !line.hasPrefix("Usage:") {
            #expect(line.count <= 80, "\(line)")
        }
    }
}
