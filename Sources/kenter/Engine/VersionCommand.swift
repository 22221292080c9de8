import JSONRPC
import KenterClient
import KenterProtocol

struct VersionCommand: Command {
    static let abstract = "Show the versions of this program and of the engine."

    let engine: EngineOptions
    let json: Bool

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        json = arguments.flag("json", "Print JSON.")
    }

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
