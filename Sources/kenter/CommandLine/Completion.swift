import JSONRPC
import KenterClient

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
        let (_, entry, rest) = CommandTree.find(global.operands)
        guard let entry else {
            return rest.isEmpty ? CommandTree.all.flatMap(\.names) + options(Program.globalOptions) : []
        }
        switch entry.target {
        case .group(let entries): return rest.isEmpty ? entries.flatMap(\.names) : []
        case .command(let type):
            var syntax = ArgumentReader()
            // Nothing is said yet, so nothing can be wrong.
            guard (try? type.init(&syntax)) != nil else { return [] }
            if isValueMissing(rest.last, syntax) { return [] }
            let isOver = syntax.operandSyntax.endOptions && rest.contains { !$0.hasPrefix("-") }
            let names = await names(for: syntax.operandSyntax.usage, global.values["host"]?.last)
            return isOver ? [] : names + options(syntax.options)
        }
    }

    private func options(_ options: [ArgumentReader.Option]) -> [String] {
        options.filter { !$0.help.isEmpty }.map { "--\($0.long)" }
    }

    private func isValueMissing(_ word: String?, _ syntax: ArgumentReader) -> Bool {
        guard let word, word.hasPrefix("--"), !word.contains("=") else { return false }
        return syntax.options.contains { "--\($0.long)" == word && $0.valueName != nil }
    }

    /// Names of the engine's objects, where one answers.
    private func names(for usage: String, _ address: String?) async -> [String] {
        let nouns = [
            "CONTAINER": "container", "IMAGE": "image", "VOLUME": "volume", "NETWORK": "network", "PLUGIN": "plugin",
        ]
        guard let word = usage.split(separator: " ").first, let noun = nouns[String(word)] else { return [] }
        do {
            let client = try await EngineOptions(address).connect()
            let params: JSONObject = noun == "container" ? ["all": true] : [:]
            return try await Listing.all(client, "\(noun).list", "\(noun)s", params).flatMap { item -> [String] in
                guard let object = item.object else { return [] }
                return object["name"]?.string.map { [$0] } ?? object["references"]?.array?.compactMap(\.string) ?? []
            }
        } catch {
            return []
        }
    }
}
