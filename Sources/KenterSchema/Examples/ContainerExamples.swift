import KenterProtocol

extension Examples {
    static func containers() throws -> [MethodExample] {
        [
            try MethodExample(
                "Run a server that others can be linked to",
                ContainerRun(
                    ContainerCreate(
                        image: "busybox", name: "db", command: ["httpd", "-f", "-p", "80"], env: ["USER=app"],
                        expose: ["80/tcp"]))),
            try MethodExample(
                "Make a container that is linked to it",
                ContainerCreate(
                    image: "busybox", name: "web", command: ["sleep", "1d"], env: ["MODE=production"],
                    labels: ["tier": "front"], publish: ["8000:80"], links: ["db:database"],
                    mounts: [MountRequest(type: .volume, source: "data", target: "/data")],
                    resources: Resources(memoryBytes: 67_108_864))),
            try MethodExample("Start it", ContainerStart(container: "web")),
            try MethodExample(
                "Make one that says something and ends",
                ContainerCreate(image: "busybox", name: "once", command: ["echo", "hello"])),
            try MethodExample("Hear it, before it is started", ContainerAttach(container: "once", stream: "s1")),
            try MethodExample("Start that", ContainerStart(containers: ["once"])),
            try MethodExample("List running containers", ContainerList()),
            try MethodExample("Look into a container", ContainerInspect(container: "web")),
            try MethodExample(
                "Run a command in it, one line in and one line out",
                ContainerExec(container: "web", command: ["grep", "-w", "database", "/etc/hosts"])),
            try MethodExample(
                "Put a file into it, from an archive on the stream",
                ContainerCopyIn(container: "web", path: "/data", stream: "s2")),
            try MethodExample(
                "Take the file out again", ContainerCopyOut(container: "web", path: "/data/hello", stream: "s3")),
            try MethodExample("See its processes", ContainerTop(container: "web")),
            try MethodExample("See what it uses", ContainerStats(container: "web")),
            try MethodExample("Read what it has written", ContainerLogs(container: "web", tail: 10)),
            try MethodExample(
                "Give it more memory, and have it started again when it fails",
                ContainerUpdate(
                    container: "web", resources: Resources(memoryBytes: 134_217_728),
                    restart: RestartPolicy(policy: .onFailure, maxRetries: 3))),
            try MethodExample("Hold it", ContainerPause(container: "web")),
            try MethodExample("Let it go on", ContainerResume(container: "web")),
            try MethodExample("Stop it and start it again", ContainerRestart(container: "web", timeoutSeconds: 0)),
            try MethodExample("Name it anew", ContainerRename(container: "web", newName: "site")),
        ]
    }

    static func links() throws -> [MethodExample] {
        [
            try MethodExample("List a container's links", LinkList(container: "site")),
            try MethodExample("See what a link gives", LinkInspect(consumer: "site", alias: "database")),
            try MethodExample(
                "Ask what another link would give",
                LinkPlanRequest(.link(LinkCreate(consumer: "site", source: "db", alias: "store")))),
            try MethodExample("Make it", LinkCreate(consumer: "site", source: "db", alias: "store")),
            try MethodExample("See all links at once", LinkGraph()),
            try MethodExample("Cut a link", LinkRemove(consumer: "site", alias: "database")),
        ]
    }

    /// The end of the story.
    static func cleaning() throws -> [MethodExample] {
        [
            try MethodExample("Send a signal", ContainerKill(container: "db", signal: "SIGKILL")),
            try MethodExample("Wait for the end", ContainerWait(container: "db", until: .exited)),
            try MethodExample(
                "Stop several, and learn what became of each",
                ContainerStop(containers: ["site", "nosuch"], timeoutSeconds: 0)),
            try MethodExample("Remove a container", ContainerRemove(container: "site", force: true)),
            try MethodExample("Remove all that do not run", ContainerPrune()),
            try MethodExample("Remove a volume", VolumeRemove(volumes: ["data"])),
            try MethodExample("Remove the volumes that nobody uses", VolumePrune()),
            try MethodExample("Remove a name of an image", ImageRemove(images: ["example/app:stable"])),
            try MethodExample("Remove images without a name", ImagePrune()),
            try MethodExample("End the engine; containers keep running", EngineShutdown()),
        ]
    }
}
