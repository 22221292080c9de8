import JSONRPC
import KenterClient
import KenterProtocol

struct InfoCommand: Command {
    static let abstract = "Show all about the engine."

    let engine: EngineOptions
    let json: Bool

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        json = arguments.flag("json", "Print JSON.")
    }

    func run() async throws {
        let client = try await engine.connect()
        if json { return Output.line(PrettyJSON.text(.object(try await client.call(EngineInfo.name, [:])))) }
        let info = try await client.call(EngineInfo())
        let providers = info.providers.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let lines = [
            ("Client", ClientVersion.text), ("Engine", "\(info.name) \(info.version)"),
            ("Address", "\(client.address)"),
            ("API level", "\(info.apiLevel)"), ("Features", info.features.joined(separator: ", ")),
            ("Process", "\(info.pid)"), ("Root directory", info.root),
            ("Providers", providers.joined(separator: ", ")), ("Runtime", info.os.runtime), ("Kernel", info.os.kernel),
            ("Architecture", info.os.architecture), ("Control groups", info.os.cgroup),
            ("Configuration", PrettyJSON.line(.object(info.config))),
        ]
        for (name, value) in lines where !value.isEmpty { Output.line("\(name): \(TerminalText.escaped(value))") }
        for warning in info.warnings { Output.errorLine("WARNING: \(TerminalText.escaped(warning))") }
    }
}
