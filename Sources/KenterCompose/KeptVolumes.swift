package import KenterProtocol

extension ComposeService {
    /// Its mounts where it takes over the unnamed volumes that its last containers had: those of the image, and those to
    /// which the file gives no name either.
    ///
    /// - Parameter last: Of these containers. Where several have one at a place, the first stands.
    package func mounts(keeping last: [Container.Mount]) -> [MountRequest] {
        let own = container.mounts ?? []
        var kept: [MountRequest] = []
        for mount in last where mount.type == .volume && !kept.contains(where: { $0.target == mount.target }) {
            guard let name = mount.name, Self.isMadeUp(name) else { continue }
            let asked = own.first { $0.target == mount.target }
            if let asked, asked.type != .volume || asked.source != nil { continue }
            let isReadOnly = asked.map { $0.readOnly == true } ?? mount.readOnly
            kept.append(
                MountRequest(type: .volume, source: name, target: mount.target, readOnly: isReadOnly ? true : nil))
        }
        return own.filter { mount in !kept.contains { $0.target == mount.target } } + kept
    }

    private static func isMadeUp(_ name: String) -> Bool { name.count == 64 && name.allSatisfy(\.isHexDigit) }
}
