import KenterProtocol

/// Every example of the reference, in the order in which they are executed: each finds what those before it have left.
///
/// The engine they run on has the image `busybox` and, at `registry`, a mirror of Docker Hub that holds it, too; the
/// directory `/srv/images` holds it as an archive (`busybox.tar`) and as a bare root filesystem (`rootfs.tar`).
package enum Examples {
    package static func all() throws -> [MethodExample] {
        try engine() + images() + volumes() + containers() + links() + networks() + plugins() + events() + cleaning()
    }

    private static func engine() throws -> [MethodExample] {
        [
            try MethodExample("Ask whether the engine is there", EnginePing()),
            try MethodExample("See what the engine is and how it is set up", EngineInfo()),
            try MethodExample("See its limits", EngineLimits()),
            try MethodExample(
                "Show the cookie, over TCP, in the first line", RpcAuth(token: String(repeating: "5d1f", count: 16))),
        ]
    }

    private static func images() throws -> [MethodExample] {
        [
            try MethodExample("Fetch an image", ImagePull(references: ["busybox:latest"])),
            try MethodExample("Take an archive that the engine can read", ImageLoad(path: "/srv/images/busybox.tar")),
            try MethodExample(
                "Make an image from a root filesystem",
                ImageImport(
                    path: "/srv/images/rootfs.tar", reference: "example/app:1", changes: ["CMD [\"sh\"]", "EXPOSE 80"])),
            try MethodExample(
                "Give an image a second name", ImageTag(image: "example/app:1", reference: "example/app:stable")),
            try MethodExample("List images", ImageList()),
            try MethodExample("Look into an image", ImageInspect(image: "example/app:1")),
        ]
    }

    private static func volumes() throws -> [MethodExample] {
        [
            try MethodExample("Make a volume", VolumeCreate(name: "data", labels: ["purpose": "example"])),
            try MethodExample("List volumes", VolumeList()),
            try MethodExample("Look at a volume", VolumeInspect(volume: "data")),
        ]
    }

    private static func plugins() throws -> [MethodExample] {
        [
            try MethodExample("List plugins", PluginList()),
            try MethodExample("Look at a plugin", PluginInspect(plugin: "link-legacy")),
            try MethodExample("Start a plugin anew", PluginRestart(plugin: "link-legacy")),
            try MethodExample("Enable a plugin from elsewhere", PluginEnable(plugin: "link-kubernetes")),
            try MethodExample("Run it no more", PluginDisable(plugin: "link-kubernetes")),
        ]
    }

    private static func events() throws -> [MethodExample] {
        [
            try MethodExample(
                "Hear of what happens to containers", EventsSubscribe(filter: .init(kinds: ["container"]))),
            try MethodExample("Hear no more", EventsUnsubscribe(subscription: "e1")),
            try MethodExample("Read the first events of the journal", EventsHistory(since: 0, limit: 2)),
        ]
    }

    private static func networks() throws -> [MethodExample] {
        [
            try MethodExample("List networks", NetworkList()),
            try MethodExample("Look at the default network", NetworkInspect(network: "bridge")),
            try MethodExample("Make a network", NetworkCreate(networkName: "back", subnet: "10.20.0.0/24")),
            try MethodExample(
                "Connect a running container to it",
                NetworkConnect(network: "back", container: "site", aliases: ["www"])),
            try MethodExample("Disconnect it again", NetworkDisconnect(network: "back", container: "site")),
            try MethodExample("Remove a network", NetworkRemove(network: "back")),
            try MethodExample("Remove the networks that no container belongs to", NetworkPrune()),
        ]
    }
}
