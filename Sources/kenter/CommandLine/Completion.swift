import JSONRPC
import KenterClient
import KenterCompose

/// What may follow the words typed so far.
struct Completion {
    private let words: [String]

    init(_ words: [String]) {
        self.words = words
    }

    /// Commands, or a command's options and the names of what it works on.
    func candidates() async -> [String] {
        guard
            let global = try? ParsedWords(  // A command line that cannot be read has no continuation.
                words, options: Program.globalOptions, operands: ArgumentReader.Operands(endOptions: true))
        else { return [] }
        let (_, entry, rest) = CommandTree.find(ComposeWords.reordered(global.operands))
        guard let entry else {
            return rest.isEmpty ? CommandTree.all.flatMap(\.names) + options(Program.globalOptions) : []
        }
        switch entry.target {
        case .group(let entries):
            return rest.isEmpty || ComposeWords.lackVerb(global.operands) ? entries.flatMap(\.names) : []
        case .command(let type):
            var syntax = ArgumentReader()
            // Nothing is said yet, so nothing can be wrong.
            guard (try? type.init(&syntax)) != nil else { return [] }
            let address = global.values["host"]?.last
            if let option = optionWithoutValue(rest.last, syntax) {
                return await names(for: Self.valueNouns[option.long] ?? "", address)
            }
            let isOver = syntax.operandSyntax.endOptions && rest.contains { !$0.hasPrefix("-") }
            let usage = syntax.operandSyntax.usage
            let names = usage.contains("SERVICE") ? await services(rest, syntax) : await names(for: usage, address)
            return isOver ? [] : names + options(syntax.options)
        }
    }

    private func options(_ options: [ArgumentReader.Option]) -> [String] {
        options.filter { !$0.help.isEmpty }.map { "--\($0.long)" }
    }

    /// What the values of options name.
    private static let valueNouns = [
        "link": "CONTAINER", "volumes-from": "CONTAINER", "network": "NETWORK", "net": "NETWORK", "volume": "VOLUME",
    ]

    /// The option that the last word names and that wants its value next.
    private func optionWithoutValue(_ word: String?, _ syntax: ArgumentReader) -> ArgumentReader.Option? {
        guard let word, word.hasPrefix("-"), !word.contains("=") else { return nil }
        return syntax.options.first { option in
            guard option.valueName != nil else { return false }
            // Of short ones the last may want a value: `-it`, `-itv`.
            return word.hasPrefix("--") ? "--\(option.long)" == word : option.short == word.last && word.count > 1
        }
    }

    /// Names of the project's services, where its files can be read.
    private func services(_ words: ArraySlice<String>, _ syntax: ArgumentReader) async -> [String] {
        do {
            let parsed = try ParsedWords(Array(words), options: syntax.options, operands: syntax.operandSyntax)
            var reader = ArgumentReader(parsed)
            return try await ComposeOptions(&reader).wholeProject().services.map(\.name)
        } catch {
            return []
        }
    }

    /// Names of the engine's objects, where one answers.
    private func names(for usage: String, _ address: String?) async -> [String] {
        let nouns = [
            "CONTAINER": "container", "IMAGE": "image", "VOLUME": "volume", "NETWORK": "network", "PLUGIN": "plugin",
            "LINK": "link",
        ]
        var word = usage.split(separator: " ").first.map { $0.filter { !"[]".contains($0) } } ?? ""
        // A path of a container, as `cp` has it.
        let suffix = word == "SOURCE" ? ":" : ""
        if word == "SOURCE" { word = "CONTAINER" }
        guard word == "METHOD" || nouns[word] != nil else { return [] }
        do {
            let client = try await EngineOptions(address).connect()
            guard let noun = nouns[word] else {
                let methods = try await client.call("rpc.discover", JSONObject())["methods"]?.array ?? []
                return methods.compactMap { $0.object?["name"]?.string }
            }
            let params: JSONObject = noun == "container" ? ["all": true] : [:]
            return try await Listing.all(client, "\(noun).list", "\(noun)s", params).flatMap { item -> [String] in
                guard let object = item.object else { return [] }
                if noun == "link" {
                    return ["\(object["consumer"]?.string ?? "")/\(object["alias"]?.string ?? "")"]
                }
                return object["name"]?.string.map { [$0 + suffix] } ?? object["references"]?.array?.compactMap(\.string)
                    ?? []
            }
        } catch {
            return []
        }
    }
}
