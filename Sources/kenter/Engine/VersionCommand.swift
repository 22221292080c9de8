import ArgumentParser
import JSONRPC
import KenterClient
import KenterProtocol

struct VersionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version", abstract: "Show the versions of this program and of the engine.")

    @OptionGroup var engine: EngineOptions
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        if !json { Output.line("Client: \(ClientVersion.text)") }
        let info = try await engine.connect().call(EngineInfo())
        if json {
            let server: JSONObject = [
                "name": .string(info.name), "version": .string(info.version),
                "apiLevel": .integer(Int64(info.apiLevel)),
            ]
            let versions: JSONObject = ["client": ["version": .string(ClientVersion.text)], "engine": .object(server)]
            return Output.line(PrettyJSON.text(.object(versions)))
        }
        Output.line(TerminalText.escaped("Engine: \(info.name) \(info.version), API level \(info.apiLevel)"))
    }
}
