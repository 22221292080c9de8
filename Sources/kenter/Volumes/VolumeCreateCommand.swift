import KenterClient
import KenterProtocol

struct VolumeCreateCommand: Command {
    static let abstract = "Create a volume."

    let engine: EngineOptions
    let provider: String?
    let size: String?
    let label: [String]
    let opt: [String]
    let name: String?

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        provider = arguments.value("provider", "d", "value", "The storage provider.", synonyms: ["driver"])
        size = arguments.value("size", "value", "Its size at most, such as 10g.")
        label = arguments.values("label", "value", "Set a label (name=value).")
        opt = arguments.values("opt", "o", "value", "Set a parameter of the provider (name=value).")
        name = arguments.optionalOperand("NAME")
    }

    func run() async throws {
        // `local` is Docker's word for its one provider.
        var request = VolumeCreate(name: name, provider: provider == "local" ? nil : provider)
        request.capacityBytes = try size.map { UInt64(try SizeOption.bytes($0, option: "--size")) }
        request.parameters = opt.isEmpty ? nil : LabelOption.labels(opt)
        request.labels = label.isEmpty ? nil : LabelOption.labels(label)
        let client = try await engine.connect()
        Output.line(TerminalText.escaped(try await client.call(request).name))
    }
}
