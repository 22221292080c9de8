// Made by Tests/collect-documentation; do not edit.

// swift-format-ignore
enum DocumentationTable {
    static let text = #"""
        Base64	Bytes that travel as a string in base 64 (RFC 4648, section 4, with padding).
        Base64.text	The encoded string.
        Container	A container as the API shows it.
        Container.Configuration.env	The image's and the container's own variables; link variables are not part of it.
        Container.Configuration.init	Whether an init is its first process; missing where none was asked for.
        Container.Mount.name	A volume's name.
        Container.Mount.source	On the host.
        Container.Network.aliases	Further names of the container in this network.
        Container.Network.interface	The interface's name in the container; missing while it does not run, as are the addresses.
        Container.State.health	Since its last start, where it has a healthcheck.
        Container.State.pid	Of the main process on the host.
        Container.State.reason	Why it is not running, or what its start waits for, where that needs words.
        Container.State.startedAt	RFC 3339, UTC.
        Container.links	`/source:/consumer/alias`, in the order given.
        Container.networkMode	A network's name, `host`, `none` or `container:ID`.
        Container.publish	As requested, in the form of `container.create`.
        ContainerAddresses	A container's addresses on one network.
        ContainerAttach	Connects a stream to a container's main process; answers when it has exited.¶A created container may be attached before it is started: nothing is lost.¶Fails with `notFound`, `conflict`, `precondition`.
        ContainerAttach.stdin	Whether the client's stdin goes to the process.
        ContainerCopyIn	Takes a tar archive over a stream (channel `stdin`) and unpacks it in a container, running or not.¶The archive may be compressed with gzip, bzip2, xz or zstd. The path is looked up inside the container, with its volumes and binds; below it no link is followed, neither one of the archive nor one of the container. Files replace files; neither replaces a directory nor a directory a file. Directories that are there keep their owners and modes. Names with `..` are refused, devices left out. What was unpacked before an error stays. While a container that does not run is written to, it does not start, and nothing moving for 60 seconds ends the copy with `timeout`. A request with an idempotency key is refused.¶Fails with `notFound`, `conflict`, `precondition`, `pending`, `permission`, `forbidden`, `exhausted`, `timeout`, `unavailable`, `unsupported`, `pluginCrashed`, `pluginProtocol`.
        ContainerCopyIn.path	Seen from the container's root: a directory, unless `place` is said.
        ContainerCopyIn.place	Whether the archive is of one file or directory, its first entry, that goes into `path` where that is a directory, and else becomes `path`: the rules of `cp`. Without, everything is unpacked below `path`.
        ContainerCopyIn.preserveOwners	Whether files belong to whom the archive says, with all bits of their modes; without, to the container's root.
        ContainerCopyOut	Sends a file or a directory of a container, running or not, as a tar archive over a stream (channel `stdout`).¶The archive's first entry is what was asked for, under its own name; of a path that ends with `/.` it is `./`, and everything else lies below. Links are sent as links, a file with several names once. The path is looked up inside the container, with its volumes and binds; of one that does not run, what a tmpfs held is gone. What only the kernel tells (`/proc`, `/sys`) is not sent. While a container that does not run is read, it does not start, and nothing moving for 60 seconds ends the copy with `timeout`. After an error the archive has no end. A request with an idempotency key is refused.¶Fails with `notFound`, `conflict`, `precondition`, `pending`, `permission`, `forbidden`, `exhausted`, `timeout`, `unavailable`, `unsupported`, `pluginCrashed`, `pluginProtocol`.
        ContainerCopyOut.followLink	Whether a link at the end of the path is followed; one that ends with `/` or `/.` always is.
        ContainerCopyOut.path	Seen from the container's root.
        ContainerCopyResult	What was copied.
        ContainerCopyResult.archiveBytes	Of the archive, as it was sent over the stream.
        ContainerCopyResult.skipped	What was left out and why, at most a hundred of them: `run/app.sock: a socket`.
        ContainerCreate	Makes a container without starting it.¶Everything is checked before anything is made: a refused call leaves nothing behind, and has Docker's text where Docker has one.¶Fails with `notFound` (no such image, network, container or plugin), `alreadyExists` (the name is taken), `conflict`, `precondition`, `pending`, `exhausted`, `forbidden` (a bind of the engine's own files), `unavailable`, `unsupported`, `pluginCrashed`, `pluginProtocol`.
        ContainerCreate.Result.warnings	For people: what was left out, which inherited variables look secret (names only).
        ContainerCreate.autoRemove	Whether it is removed, with its unnamed volumes, once it has exited.
        ContainerCreate.capAdd	Capabilities with or without `CAP_`, or `ALL`.
        ContainerCreate.command	Replaces the image's command.
        ContainerCreate.dns	Resolvers in place of the host's.
        ContainerCreate.engineAccess	Whether a bind mount may hold the engine's own directories, socket or cookie.
        ContainerCreate.entrypoint	Replaces the image's entry point and drops its command; `[]` or `[""]` removes it.
        ContainerCreate.env	`NAME=VALUE`; `NAME` alone removes a variable that the image or a link would set.
        ContainerCreate.expose	`80/tcp`, `7000-7010/udp`.
        ContainerCreate.extraHosts	`NAME:ADDRESS` lines of its hosts file.
        ContainerCreate.furtherNetworks	Networks that it joins besides `network`, in this order; that one is a network then, too.
        ContainerCreate.hostPorts	Services of the host that it may reach: `5432/tcp`, `7000-7010/udp`; at most 1024 ports in all.
        ContainerCreate.hostname	Up to 253 characters, labels of up to 63; the short id where missing.
        ContainerCreate.image	A reference, or an image's id or an unambiguous prefix of it.
        ContainerCreate.init	Whether a small init reaps orphans and forwards signals.
        ContainerCreate.ip	The IPv4 address it asks for on its network.
        ContainerCreate.ip6	The IPv6 address it asks for.
        ContainerCreate.links	`source[:alias][,option=value…]`.
        ContainerCreate.name	2 to 128 characters `[a-zA-Z0-9][a-zA-Z0-9_.-]+`; made up where missing.
        ContainerCreate.network	A network's name, `host`, `none` or `container:NAME`; the default network `bridge` where missing.
        ContainerCreate.networkAliases	Further names of the container in its network.
        ContainerCreate.publish	`[hostAddress:][hostPort:]containerPort[/protocol]`, ports also as ranges `7000-7010`.
        ContainerCreate.publishAll	Whether every exposed port is published on a free host port.
        ContainerCreate.readOnly	Whether its root filesystem is read-only.
        ContainerCreate.stdinOpen	Whether its standard input stays open.
        ContainerCreate.stopSignal	`SIGTERM`, `TERM` or `15`.
        ContainerCreate.stopTimeoutSeconds	How long `stop` waits before it kills; 10 where missing.
        ContainerCreate.tty	Whether the process gets a terminal.
        ContainerCreate.user	`user[:group]`, names or numbers.
        ContainerCreate.volumesFrom	`NAME[:ro]`: every volume and bind of these containers.
        ContainerExec	Runs a further command in a running container.¶Its environment is the container's with freshly computed link variables, then `env`. Exit codes: 126 not executable, 127 not found.¶Fails with `notFound`, `conflict`, `precondition`, `exhausted`, `unavailable`, `unsupported`, `pluginCrashed`, `pluginProtocol`.
        ContainerExec.Result.exitCode	Missing after `detach`.
        ContainerExec.columns	The size that its terminal has from the start, 1 to 1,000 characters; 80 × 24 where missing.
        ContainerExec.detach	Whether to answer at once and leave the command running; its output is dropped.
        ContainerExec.privileged	Whether it gets every capability, though the container's main process has not.
        ContainerExec.stdin	Whether the command reads what the client sends on the stream.
        ContainerExec.stream	Where missing, output is collected into the result (at most 1 MiB, else `exhausted`).
        ContainerHealth	A container's health since it was started, and the last checks it follows from.
        ContainerHealth.Result	One check.
        ContainerHealth.Result.exitCode	0 is success; -1 for a check that exceeded its time.
        ContainerHealth.Result.output	The first 4,096 bytes of what it wrote to standard output and error, or why it could not run.
        ContainerHealth.Result.startedAt	RFC 3339, UTC.
        ContainerHealth.failingStreak	Failures in a row that count.
        ContainerHealth.results	The last five, oldest first.
        ContainerInspect	All there is to know about a container.¶Fails with `notFound`.
        ContainerInspect.container	A name, id, unambiguous id prefix or link path (`web/db`).
        ContainerKill	Sends a signal to the main process of running containers.¶Fails with `notFound`, `precondition`.
        ContainerKill.signal	SIGKILL where missing.
        ContainerList	Containers, newest first.
        ContainerList.Result.next	Where the next page starts; missing on the last one.
        ContainerList.all	Whether those that do not run are listed too.
        ContainerList.cursor	`next` of the page before.
        ContainerList.labels	`NAME` or `NAME=VALUE`; all must match.
        ContainerList.names	Any may match.
        ContainerLogs	What a container has written.¶Fails with `notFound`, `conflict`, `exhausted`.
        ContainerLogs.Result.exitCode	That of the main process, where it has ended.
        ContainerLogs.follow	Whether to go on until the container exits; needs `stream`.
        ContainerLogs.since	RFC 3339, or a number of seconds since 1970.
        ContainerLogs.stream	The stream to send to; collected into the result where missing (at most 1 MiB, else `exhausted`).
        ContainerLogs.tail	The last so many lines.
        ContainerLogs.timestamps	Whether every line starts with its time.
        ContainerOutcomes	What came of an operation on several containers.
        ContainerOutcomes.Failure.container	As it was named in the call.
        ContainerOutcomes.ids	Where it succeeded.
        ContainerPause	Freezes all processes of running containers.¶Fails with `notFound`, `precondition`.
        ContainerPrune	Removes every container that does not run.
        ContainerRemove	Removes a container that does not run, with its log and its writable layer.¶Fails with `notFound`, `conflict`.
        ContainerRemove.force	Kills it first where it runs.
        ContainerRemove.volumes	Whether its unnamed volumes go too.
        ContainerRename	Gives a container another name; its links keep working and show the new name at once.¶Fails with `notFound`, `alreadyExists`.
        ContainerRename.name	The new name.
        ContainerRestart	Stops and starts containers. Links are checked first: when a source is down, the container keeps running.¶Fails with `notFound`, `conflict`, `precondition`, `pending`, `exhausted`, `degraded`, `forbidden`, `unavailable`, `unsupported`, `pluginCrashed`, `pluginProtocol`.
        ContainerResume	Lets paused containers go on.¶Fails with `notFound`, `precondition`.
        ContainerRun	Makes a container and starts it; when the start fails, nothing of it remains.¶Fails with `notFound`, `alreadyExists`, `conflict`, `precondition`, `pending`, `exhausted`, `degraded`, `forbidden`, `unavailable`, `unsupported`, `pluginCrashed`, `pluginProtocol`.
        ContainerRun.Result.addresses	By network.
        ContainerRun.create	Its parameters are those of `container.create`.
        ContainerStart	Starts created or exited containers.¶Sources of links must run, or be started by the same call. A container that fails to start stays, created.¶Fails with `notFound`, `conflict`, `precondition`, `pending`, `exhausted`, `degraded`, `forbidden`, `unavailable`, `unsupported`, `pluginCrashed`, `pluginProtocol`.
        ContainerStats	What a running container has used since it was started, as its cgroup and its networks count it.¶A rate is the difference of two calls. What this host or a network's provider does not count is missing.¶Fails with `notFound`, `conflict`.
        ContainerStats.Result.Traffic	Traffic of one network, from the container's side.
        ContainerStats.Result.cpuNanoseconds	Of all processors together.
        ContainerStats.Result.memoryLimitBytes	The container's own limit; the host's memory where it has none.
        ContainerStats.Result.memoryUsageBytes	Now; without what the kernel keeps of files and can drop at once.
        ContainerStats.Result.networks	By name of network.
        ContainerStats.Result.pids	Processes and threads now.
        ContainerStats.Result.readAt	RFC 3339, UTC.
        ContainerStatus	Where a container is in its life.
        ContainerStatus.created	Made, never started.
        ContainerStatus.removing	Being removed.
        ContainerStatus.restarting	Exited; its restart policy will start it again.
        ContainerStop	Sends the stop signal and, after the time-out, SIGKILL; answers once the containers have exited.¶Fails with `notFound`, `precondition`.
        ContainerStop.timeoutSeconds	The container's own where missing.
        ContainerSummary	A line of `container.list`.
        ContainerSummary.command	Entry point and command.
        ContainerSummary.createdAt	RFC 3339, UTC.
        ContainerSummary.health	While it runs, where it has a healthcheck.
        ContainerSummary.image	As it was named at creation.
        ContainerSummary.links	Aliases of its own links.
        ContainerSummary.names	With a leading slash: its own name, then `/consumer/alias` for each link to it.
        ContainerSummary.status	For people: "Up 3 minutes", "Exited (0) 2 hours ago".
        ContainerTop	The processes of a running container.¶Fails with `notFound`, `conflict`.
        ContainerTop.Result.Process.cpuPercent	Of one processor, on average since it was started: 0 to 99.
        ContainerTop.Result.Process.pid	On the host.
        ContainerTop.Result.Process.startedAt	RFC 3339, UTC.
        ContainerTop.Result.Process.terminal	Its controlling terminal, as the container sees it: `pts/0`; missing where it has none.
        ContainerUpdate	Changes the limits and the restart policy of containers, at once where they run; the next start has them too.¶What is not named stays as it is, and so does everything of a container that is refused: a limit below what its processes use is refused by the kernel (`conflict`). A container that waits to be started again, and that the new policy would not start, stays down.¶Fails with `invalidParams`, `notFound`, `conflict`.
        ContainerUpdate.resources	Of these, 0 lifts a limit.
        ContainerUpdate.restart	`no` is the only policy of a container that removes itself.
        ContainerWait	Answers once a container has come to a state.¶Fails with `notFound`, `precondition`.
        ContainerWait.until	`exited` where missing. For a created container `exited` means: started and exited. `healthy` fails with `precondition` for a container that has no healthcheck, or has exited.
        DurationText	Lengths of time as people write them: `30s`, `1m30s`, `500ms`.
        Empty	A result without members.
        EngineInfo	What this engine is and how it is set up.
        EngineInfo.OperatingSystem.cgroup	`v1`, `v2` or `hybrid`.
        EngineInfo.OperatingSystem.runtime	The OCI runtime in use and its version.
        EngineInfo.Result.config	The configuration in force: what the file leaves open is filled in.
        EngineInfo.Result.providers	Role → name of its default provider.
        EngineInfo.Result.warnings	For people: what works differently on this host, and what to do about it.
        EngineLimits	The limits of this engine's wire, as in force; what happens beyond one is an error that names it.
        EngineLimits.Result.batchItems	Messages of one batch; over it, `batchTooLarge`, and none of them is begun.
        EngineLimits.Result.collectedOutputBytes	Output in one result, where no stream is named; over it, `exhausted`.
        EngineLimits.Result.connections	Open connections; over it, `overloaded`, and the new one is closed.
        EngineLimits.Result.connectionsBeforeAuthentication	TCP connections that have not shown the cookie; over it, a new one is told so (`overloaded`) and closed.
        EngineLimits.Result.connectionsPerUser	The same, of one user; root and the engine's own user may have all.
        EngineLimits.Result.firstLineSeconds	How long the first line of a TCP connection may take; then it is closed.
        EngineLimits.Result.journalEvents	Events that are kept for `since`; older ones are a gap.
        EngineLimits.Result.lineBytesBeforeAuthentication	Bytes of that first line; over it, the connection is closed.
        EngineLimits.Result.lineBytesFromEngine	Bytes of one line from the engine; a larger result becomes `messageTooLarge`, none is ever cut.
        EngineLimits.Result.lineBytesPlugin	Bytes of one line to or from a plugin.
        EngineLimits.Result.lineBytesToEngine	Bytes of one line to the engine; over it, `messageTooLarge`, and the rest of the line is dropped.
        EngineLimits.Result.nestingDepth	Arrays and objects within each other; over it, `tooDeep`, as for the four that follow.
        EngineLimits.Result.numberBytes	One number as written.
        EngineLimits.Result.outgoingQueueBytes	What waits for a client to read it; over it, none of its requests is begun.
        EngineLimits.Result.outgoingStallSeconds	How long a client may take nothing of what waits for it; then it is disconnected.
        EngineLimits.Result.pageBytes	One page of a list; over it, the page ends earlier and says where the next one begins.
        EngineLimits.Result.progressPerSecond	Messages of progress on one request in a second, at most.
        EngineLimits.Result.requestIdBytes	The id of a request; over it, `invalidRequest`.
        EngineLimits.Result.requestsInFlight	The same, of all connections together.
        EngineLimits.Result.requestsInFlightPerConnection	Requests of one connection that are being worked on; over it, further ones wait, then reading stops.
        EngineLimits.Result.requestsInFlightPerUser	The same, of all connections of one user; root and the engine's own user may have all.
        EngineLimits.Result.streamWindowBytes	What either side of a new stream may send before it is given credit.
        EngineLimits.Result.stringBytes	One string as written, escapes included.
        EngineLimits.Result.subscriptionsPerConnection	Subscriptions of one connection; over it, `overloaded`.
        EngineLimits.Result.tokens	Values and names in one line to the engine.
        EngineLimits.Result.tokensPlugin	Values and names in one line to or from a plugin.
        EnginePing	Answers at once.
        EngineShutdown	Ends the engine; containers keep running and are found again at its next start.
        Event	Something that happened. Carries no environment, no file contents and no credentials.
        Event.attributes	Further facts: `exitCode`, `image`.
        Event.id	Of the object it happened to.
        Event.kind	`container.started`, `link.updated`.
        Event.name	Its name at that time.
        Event.seq	Strictly increasing, durable across restarts of the engine.
        Event.time	RFC 3339, UTC.
        EventGap	`events.gap`: events that a slow reader has missed for good, as the journal has moved past them.
        EventNotification	`events.event`: an event for one subscription.
        EventsHistory	Events of the journal, oldest first.¶Fails with `precondition`.
        EventsHistory.Result.seq	The last event there is.
        EventsHistory.since	Only those after it.
        EventsSubscribe	Asks for events as `events.event` notifications; the answer comes before the first of them.¶Fails with `precondition`, `overloaded`.
        EventsSubscribe.Filter	Of some kinds, and of some objects; what is left out lets all through.
        EventsSubscribe.Filter.containers	Names, ids or prefixes of ids, as they are at the time of the subscription: events of these containers, and of links of which they are consumer or source.
        EventsSubscribe.Filter.ids	Ids of objects.
        EventsSubscribe.Filter.kinds	Kinds and nouns: `container`, `link.created`.
        EventsSubscribe.Filter.links	`consumer/alias`, with the consumer's name at the time of the event.
        EventsSubscribe.Result.seq	The last event before the subscription.
        EventsSubscribe.since	Replays the journal after this sequence number; `precondition` with `gap` when it no longer reaches back so far.
        EventsUnsubscribe	Ends a subscription of this connection.¶Fails with `notFound`.
        HealthStatus	What a container's healthcheck says of it.
        HealthStatus.starting	No check has succeeded yet, and not enough of them have failed.
        Healthcheck	How the engine finds out whether a container works: it runs a command inside, again and again.¶What is missing, or 0, comes from the image's own healthcheck, and from there on has Docker's defaults.
        Healthcheck.intervalSeconds	From the end of one check to the start of the next; 30 where missing.
        Healthcheck.retries	Failures in a row that make a container unhealthy; 3 where missing.
        Healthcheck.startIntervalSeconds	In place of the interval, within the start period and until the first success; 5 where missing.
        Healthcheck.startPeriodSeconds	After the start of the container; as long as no check has succeeded, failures in it do not count. 0 where missing.
        Healthcheck.test	`["CMD", arg…]`, `["CMD-SHELL", text]` for `/bin/sh -c`, `["NONE"]` for no checks, or `[]` for the image's test.
        Healthcheck.timeoutSeconds	A check that takes longer is killed and has failed; 30 where missing.
        ImageConfiguration	What an image says about the containers made from it.
        ImageImport	Makes an image of one layer from the tar archive of a root filesystem.¶Fails with `notFound`, `conflict`, `precondition`, `exhausted`, `unavailable`, `unsupported`, `pluginCrashed`, `pluginProtocol`.
        ImageImport.changes	`CMD`, `ENTRYPOINT`, `ENV`, `EXPOSE`, `VOLUME`, `USER`, `WORKDIR`, `LABEL`, as in a Dockerfile.
        ImageInspect	An image's configuration and layers.¶Fails with `notFound`.
        ImageInspect.Result.layers	Digests of the compressed layers, lowest first.
        ImageInspect.image	A reference, id or unambiguous id prefix.
        ImageList	Images of this engine, newest first.
        ImageLoad	Takes images from an archive: docker-archive or oci-archive, plain or compressed.¶Fails with `notFound`, `conflict`, `precondition`, `exhausted`, `unavailable`, `unsupported`, `pluginCrashed`, `pluginProtocol`.
        ImageLoad.path	A regular file that the engine opens itself.
        ImageLoad.stream	A stream on which the client sends the file (channel stdin).
        ImagePrune	Removes images that have no name and are not in use.
        ImagePull	Fetches images from registries; progress goes to `_meta.progressToken`.¶Fails with `notFound`, `conflict`, `precondition`, `permission`, `exhausted`, `unavailable`, `unsupported`, `pluginCrashed`, `pluginProtocol`.
        ImagePull.platform	`linux/arm64`; the host's where missing.
        ImageRemove	Removes names of images, and images that have none left and are not in use.¶Fails with `notFound`, `conflict`.
        ImageRemove.Result.removed	`Untagged: NAME` and `Deleted: ID`, in the order done.
        ImageRemove.force	Removes every name of an image given by its id, even while stopped containers use it.
        ImageSummary	A line of `image.list`.
        ImageSummary.createdAt	RFC 3339, UTC.
        ImageSummary.digests	`name@sha256:…` where it came from a registry.
        ImageSummary.id	`sha256:` and 64 digits: the digest of its configuration.
        ImageSummary.references	`name:tag` as people write them: without `docker.io/library/`.
        ImageSummary.sizeBytes	Of its unpacked layers.
        ImageTag	Gives an image a further name.¶Fails with `notFound`.
        ImagesChanged	Images that an operation brought or found.
        Link	A link as the API shows it: what the consumer sees of the source, and where each item comes from.
        Link.State.active	Applied.
        Link.State.inactive	The consumer does not run.
        Link.State.planned	Not a link: what one would be.
        Link.State.sourceDown	The source does not run: names and addresses are its last ones, the path is closed.
        Link.State.sourceGone	The source does not exist: not any more, or not yet.
        Link.consumer	The consumer's name.
        Link.env	Values are masked where `sensitive`, unless secrets were asked for.
        Link.id	Empty for what is only planned.
        Link.pending	Variables that the next start of the consumer will change.
        Link.source	The source's name; its id where it no longer exists.
        Link.warnings	For people: inherited variables that look secret (names only), what could not be known.
        Link.withheld	Source variables that an option held back.
        LinkCreate	Links a container to another one, whether it runs or not.¶A running consumer gets hosts lines, files and the path at once; variables come with its next start and are listed in `pending` until then. Refused for the reasons for which `container.create` refuses a link, and, while the consumer runs, for those for which its start would be refused. A refused call leaves everything as it was.¶Fails with `notFound`, `conflict`, `precondition`, `pending`, `exhausted`, `degraded`, `unavailable`, `unsupported`, `pluginCrashed`, `pluginProtocol`.
        LinkCreate.alias	The source as written, where missing.
        LinkCreate.options	`rebind`, and what the provider takes.
        LinkCreate.provider	The default link provider, where missing.
        LinkCreate.source	A name, an id, an unambiguous prefix of one, or another link's path; or all of a link at once, as `container.create` takes it: `source[:alias][,option=value…]`.
        LinkFile	A file below `/run/kenter/links/<alias>/`.
        LinkFile.from	Where its content comes from, for `link.inspect`: `port 3306/tcp`.
        LinkFile.mode	Permission bits, octal: `0444`.
        LinkFile.path	Relative to that directory.
        LinkGraph	Every link at once: who depends on whom, in which order they start, and where links run in circles.
        LinkGraph.Edge	A link, from consumer to source.
        LinkGraph.Edge.consumer	Names of nodes.
        LinkGraph.Node	A container that is consumer or source of a link.
        LinkGraph.Node.id	Missing where there is no such container.
        LinkGraph.Node.name	The name; of a source that no longer exists its id, or the name by which it is awaited.
        LinkGraph.Result.cycles	The groups that are circles.
        LinkGraph.Result.edges	By consumer, in the order in which it has its links.
        LinkGraph.Result.nodes	By name.
        LinkGraph.Result.startOrder	Names of containers, group after group: sources before consumers. A group of several starts together.
        LinkHostsEntry	A line of the consumer's hosts file.
        LinkHostsEntry.from	Where both come from, for `link.inspect`.
        LinkInspect	One link: every variable, hosts line, file and port with its value and where it comes from.¶Fails with `notFound`.
        LinkInspect.showSecrets	Whether values that look secret are shown, too.
        LinkList	Links by consumer, in the order given there.¶Fails with `notFound`.
        LinkList.container	Only those of which it is consumer or source.
        LinkPlan	What a link provider wants its consumer to see. The engine checks all of it before it applies any of it.
        LinkPlan.withheld	Names of source variables that an option held back.
        LinkPlanRequest	What links would bring, from where, and why; nothing is made or changed.¶Its parameters are `showSecrets` and those of `link.create`, or those of a whole `container.create` of a container that does not exist yet, of which only what concerns its links is checked. What cannot be made fails as its creation would.¶Fails with `notFound`, `alreadyExists`, `conflict`, `precondition`, `exhausted`, `unavailable`, `unsupported`, `pluginCrashed`, `pluginProtocol`.
        LinkPlanRequest.Result.plans	In the order of the links; their state is `planned`, and they have no id.
        LinkPlanRequest.showSecrets	Whether values that look secret are shown, too.
        LinkPortRule	Ports of the source that the consumer may reach.
        LinkPortRule.from	Why they are open, for `link.inspect`.
        LinkPortRule.ports	Numbers and ranges: `80`, `7000-7010`.
        LinkRemove	Removes a link, also while both ends run or the source is gone: its name stops resolving and its path closes; the consumer's other links stay exactly as they are.¶Fails with `notFound`, `pending`, `degraded`.
        LinkVariable	A variable that a link sets in its consumer.
        LinkVariable.from	Where it comes from, for `link.inspect`: `port 3306/tcp`, `env MYSQL_ROOT_PASSWORD`.
        LinkVariable.overridden	For `link.inspect`: whether the consumer's own configuration has a say on it, which wins.
        LinkVariable.sensitive	Whether its value looks secret.
        MembershipRequest	A network that a container is to join.
        MembershipRequest.aliases	Further names of the container in this network.
        MembershipRequest.ip	The IPv4 address it asks for.
        MembershipRequest.ip6	The IPv6 address it asks for.
        MembershipRequest.network	A name, id or unambiguous id prefix.
        MountRequest	Something to mount into a container.
        MountRequest.createSource	For a bind: whether a missing source is made, as an empty directory.
        MountRequest.sizeBytes	For a tmpfs: its size limit.
        MountRequest.source	A bind's path on the host, or a volume's name; a volume without a name is made for this container.
        MountRequest.target	Absolute, in the container.
        Network	A network as the API shows it.
        Network.hostPorts	Services of the host that members may reach.
        Network.members	Containers that run on it.
        NetworkConnect	Connects a container to one more network: a running one at once, through an interface of its own, any other at its next start.¶Fails with `notFound`, `alreadyExists` (it is connected), `conflict` (the address is taken), `exhausted` (none is free), `unavailable`, `unsupported`, `pluginCrashed`, `pluginProtocol`; nothing has changed then.
        NetworkConnect.aliases	Further names of the container in this network.
        NetworkConnect.ip	The IPv4 address it asks for.
        NetworkConnect.ip6	The IPv6 address it asks for.
        NetworkConnect.network	A name, id or unambiguous id prefix.
        NetworkCreate	Makes a network. Its members reach each other and know each other's names, unless it is isolated; nobody outside of it reaches them.¶Fails with `alreadyExists` (the name is taken), `permission` (the name is predefined), `conflict` (a subnet overlaps another network or a route of the host), `exhausted` (no subnet is free), `notFound` (no such plugin), `precondition`, `unavailable`, `unsupported`, `pluginCrashed`, `pluginProtocol`, with Docker's texts where Docker has one.
        NetworkCreate.gateway	An address of the subnet; its first one where missing.
        NetworkCreate.hostPorts	Services of the host that its members may reach: `5432/tcp`, `7000-7010/udp`; at most 1024 ports in all.
        NetworkCreate.internal	Whether its members have no way out to other networks.
        NetworkCreate.ipv6	Whether the network has IPv6, with a subnet of its own choice where none is given.
        NetworkCreate.ipv6Subnet	`fd00:1::/64`; no IPv6 where missing, unless `ipv6` asks for it.
        NetworkCreate.isolated	Whether its members reach each other, and know each other's names, only through links.
        NetworkCreate.mtu	Bytes; the host's default where missing.
        NetworkCreate.name	1 to 64 characters `[a-zA-Z0-9][a-zA-Z0-9_.-]*`.
        NetworkCreate.options	The provider's own.
        NetworkCreate.provider	The default network provider where missing.
        NetworkCreate.subnet	`172.20.0.0/16`; chosen where missing.
        NetworkDisconnect	Disconnects a container from a network; every path there is closed when the answer comes.¶Fails with `notFound` where the container is no member, with `degraded` where a running one could not be taken off and stays, with `unavailable`.
        NetworkDisconnect.force	Whether it is no error that the container is no member.
        NetworkDisconnect.network	A name, id or unambiguous id prefix.
        NetworkInspect	One network.¶Fails with `notFound`, `unavailable`.
        NetworkList	Networks by name.
        NetworkPrune	Removes every network that no container belongs to, stopped ones included; never the default network.
        NetworkPrune.Result.removed	Names.
        NetworkRemove	Removes a network on which no container runs; containers that are stopped belong to it no more.¶Fails with `notFound`, `permission` (the default network), `conflict` (containers run on it), `precondition`, `unavailable`, `unsupported`, `pluginCrashed`, `pluginProtocol`.
        NetworkRemove.network	A name, id or unambiguous id prefix.
        NetworkSpecification	What a network is to be.
        NetworkSpecification.hostPorts	Services of the host that members may reach: `5432/tcp`.
        NetworkSpecification.internal	No way out to other networks.
        NetworkSpecification.isolated	Members reach each other only through links.
        NetworkSpecification.subnet	`172.17.0.0/16`.
        PluginConfigure	Hands a plugin its configuration and the directory for its state; before this call it touches nothing.
        PluginConfigure.proof	At an address: HMAC-SHA-256 of `kenter-engine:PLUGIN-NONCE:ENGINE-NONCE`; the plugin refuses any other.
        PluginConfigure.stateDir	Absolute; its own, kept across restarts.
        PluginDisable	Ends a plugin from elsewhere and forgets that it was enabled; what it has made stays.¶Only the user 0 may call this, over the Unix socket or standard input and output.¶Fails with `forbidden`, `notFound`, `precondition`, `unavailable`.
        PluginDisable.force	Also while networks, volumes or links stand on it; operations on those fail from then on.
        PluginEnable	Enables a plugin from elsewhere as its file is now, and starts it; for a file that has changed, again.¶Asks it for its manifest (`plugin.hello`) first, and records path, owner, mode, SHA-256 and manifest. Only the user 0 may call this, over the Unix socket or standard input and output.¶Fails with `forbidden`, `notFound`, `precondition`, `unavailable`.
        PluginEnable.Result.reason	Why it does not run.
        PluginEnable.grants	What it may do besides: `env=NAME`, a variable that it may set although it changes how programs run. Replaces what was granted before.
        PluginEvent	`plugin.event`: something happened that the engine should pass on, of a kind announced in `plugin.hello`.
        PluginEvent.id	Of the object it happened to; empty for the provider itself.
        PluginHello	The first call a plugin gets. Answered without configuration, privileges or side effects.
        PluginHello.Result.concurrency	How many calls it works on at once; 16 where missing.
        PluginHello.Result.disable	Why it cannot work on this host.
        PluginHello.Result.nonce	At an address: its own, at least 32 characters.
        PluginHello.Result.proof	At an address: HMAC-SHA-256 of `kenter-plugin:ENGINE-NONCE:PLUGIN-NONCE`, 64 hexadecimal digits.
        PluginHello.Result.protocol	The highest version both speak.
        PluginHello.Role.produces	Link role: patterns of the variables it may set, beyond those of its alias.
        PluginHello.instance	Short id of the engine's root: 4 hexadecimal digits, for names of host objects.
        PluginHello.nonce	For a plugin at an address: 64 hexadecimal digits, to be answered with a proof that it knows the secret.
        PluginHello.protocol	Contract versions that the engine speaks.
        PluginInspect	One plugin. Never waits for it.¶Fails with `notFound`.
        PluginList	Plugins by name. Never waits for one.
        PluginLog	`plugin.log`: a line for the engine's log.
        PluginLog.level	`debug`, `info`, `warning` or `error`.
        PluginRestart	Ends a plugin and starts it again, also one that has failed.¶Fails with `notFound`, `unavailable`.
        PluginShutdown	Asks the plugin to finish; its standard input closes after the answer.
        PluginStatus	Whether the plugin works.
        PluginSummary	A plugin as the API shows it.
        PluginSummary.State.backingOff	Died; will be started again.
        PluginSummary.State.disabled	From elsewhere, and not enabled: it is never run.
        PluginSummary.State.failed	Died too often; waits for `plugin.restart`.
        PluginSummary.digest	SHA-256 of the file that was enabled, 64 hexadecimal digits.
        PluginSummary.grantedVariables	Variables that it may set although they change how programs run.
        PluginSummary.isShipped	Whether it came with the engine: then it is enabled, and its file is not pinned.
        PluginSummary.lastStderr	The last lines of its standard error.
        PluginSummary.path	Its executable; for a plugin at an address, that: `tcp://127.0.0.1:7071`.
        PluginSummary.reason	Why it is not running.
        PluginSummary.remark	What the digest does not cover: modules that a script imports.
        PluginSummary.since	RFC 3339, UTC: since when it is in this state.
        Port	A port of a container, published or only exposed.
        Port.hostAddress	The host's address it is published on (`0.0.0.0`, `::`, `127.0.0.1`); missing in a request: every address.
        Port.hostPort	Missing where the port is only exposed; missing in a request to publish: any free port.
        PortRange	Ports of one protocol as texts have them: `80`, `7000-7010`.
        Progress	`$/progress`: how far a request has come whose `_meta.progressToken` asked for it.
        Progress.Value.done	Never decreases.
        Progress.Value.unit	What `done` and `total` count: `bytes`, `layers`.
        ProviderLayerApply	Turns an image layer into something `rootfs.prepare` can use; idempotent by digest.
        ProviderLayerApply.Result.diffId	The digest of the uncompressed layer, `sha256:` and 64 digits: the engine compares it with what the image says.
        ProviderLayerApply.Result.sizeBytes	Unpacked.
        ProviderLayerApply.digest	`sha256:` and 64 digits, of the file as it is.
        ProviderLayerApply.mediaType	OCI or Docker media type of the layer.
        ProviderLayerApply.path	A file that holds the layer.
        ProviderLayerRemove	Removes a layer; succeeds for an unknown one.
        ProviderLinkDescribe	What a link provider takes and makes; no side effects.
        ProviderLinkDescribe.Products.env	Patterns of variable names, `*` for any characters; `{ALIAS}` for the alias in its upper-case form.
        ProviderLinkDescribe.Result.options	JSON Schema of its options.
        ProviderLinkEstablish	For providers with the capability `effects`: acts on a plan.
        ProviderLinkPlan	What the consumer of a link is to see: a pure function of its parameters.
        ProviderLinkPlan.Source.env	As configured, `NAME=VALUE`; entries without `=` are kept.
        ProviderLinkPlan.Source.exposedPorts	`3306/tcp`.
        ProviderLinkRevoke	Undoes `establish`; succeeds for an unknown link.
        ProviderMount	A mount for the engine to make.
        ProviderMount.options	As mount(8) writes them: `ro`, `nosuid`, `lowerdir=…`.
        ProviderMount.type	`overlay`, `bind` or `tmpfs`.
        ProviderNetworkAttach	Connects a network namespace to a network and publishes its ports.
        ProviderNetworkAttach.Result.ports	As bound: a host port for every published port, one entry for each family.
        ProviderNetworkAttach.addresses	With prefix length: `172.17.0.2/16`.
        ProviderNetworkAttach.interface	Name of the interface inside.
        ProviderNetworkAttach.netns	Path of the namespace: a bind mount that the engine owns.
        ProviderNetworkCheck	Whether the provider keeps containers apart on this host; no container starts unless it says so.
        ProviderNetworkCheck.ForeignBlock.remedy	Commands that let Kenter's packets pass.
        ProviderNetworkCheck.ForeignBlock.table	The table of somebody else that drops forwarded packets.
        ProviderNetworkCheck.Result.ipv6	Whether the provider can do IPv6 on this host.
        ProviderNetworkCreate	Makes a network.
        ProviderNetworkCreate.name	For people.
        ProviderNetworkDetach	Disconnects an attachment and closes every path of it in the same transaction; succeeds for an unknown one.
        ProviderNetworkPublish	Publishes exactly these ports of an attachment, whatever was published before.
        ProviderNetworkRemove	Removes a network; succeeds for an unknown one.
        ProviderNetworkRules	Opens and closes paths between attachments in one kernel transaction; answers after stale connections are closed.
        ProviderNetworkRules.LinkRules	All rules of one link; they hold in every family that both ends have.
        ProviderNetworkRules.LinkRules.from	The consumer's attachment.
        ProviderNetworkRules.LinkRules.to	The source's attachment.
        ProviderNetworkRules.remove	Links to close.
        ProviderNetworkRules.set	Replaces all rules of these links.
        ProviderNetworkStats	Counters of an attachment, from the container's side.
        ProviderNetworkValidate	Checks a network's specification and fills in defaults; no side effects.
        ProviderReconcile	Tells a plugin all that still exists; what it holds beyond that is cleaned. Volumes are never cleaned.
        ProviderReconcile.Result.missing	Named by the engine, unknown to the plugin.
        ProviderReconcile.dryRun	Only report.
        ProviderRootfsPrepare	Makes a writable root filesystem from layers.
        ProviderRootfsPrepare.layers	Digests, lowest first; may be empty.
        ProviderRootfsRemove	Removes what a container has written; succeeds for an unknown one.
        ProviderRootfsUsage	What a container has written.
        ProviderVolumeCreate	Makes a volume.
        ProviderVolumeCreate.name	For people.
        ProviderVolumeInspect	How a volume is.
        ProviderVolumeMount	Says how to mount a volume. References are counted by the engine.
        ProviderVolumeMount.Result.path	In place of `mount`: a directory to bind.
        ProviderVolumeRemove	Removes a volume with its data; `precondition` while it is mounted, success for an unknown one.
        ProviderVolumeUnmount	Ends one mount of a volume; succeeds for an unknown one.
        RPCError.takenPort	The port that is taken, where that is what failed.
        Resources	Upper bounds on what a container may use.
        Resources.cpus	Processors, in thousandths or better: 1.5 is one and a half.
        Resources.memoryBytes	At least 6 MiB, as Docker has it.
        Resources.pids	Processes and threads.
        RestartPolicy	When an exited container is started again.
        RestartPolicy.maxRetries	With `on-failure`: how often at most; without limit where missing.
        RpcAuth	Proves on a TCP connection that the caller may read the engine's cookie; elsewhere it does nothing.¶Fails with `unauthenticated`.
        RpcAuth.token	The content of `<run>/cookie`: 64 hexadecimal digits.
        RpcDiscover	An OpenRPC document of all methods, made from the types that this engine reads and writes.
        SizeText	Amounts of memory as people write them: `64m`, `1.5g`, `4096`; units are powers of 1,024.
        StreamCredit	`stream.credit`: the receiver of a stream can take that many bytes more.¶Each direction of a stream starts with `initialBytes`; a sender that has used up its credit waits for more.
        StreamCredit.bytes	Bytes, before base 64.
        StreamData	`stream.data`: bytes of a stream, in either direction. The stream was named by the client in its request.
        StreamData.eof	Whether these are the last bytes of the channel.
        StreamData.stream	The client's name for the stream, within its connection.
        StreamResize	`stream.resize`: the terminal of the client has another size.
        TextOrBytes	Output of a process: a string where it is UTF-8, else `{"base64": "…"}`.
        TextOrBytes.text	The bytes as text, invalid UTF-8 replaced.
        Timestamp	A moment in UTC, to the nanosecond; on the wire RFC 3339: `2026-11-24T02:39:41.493603229Z`.
        Timestamp.nanoseconds	Since 1970-01-01T00:00:00Z.
        Volume	A volume as the API shows it.
        Volume.createdAt	RFC 3339, UTC.
        Volume.isAnonymous	Whether it was made for one container and goes with it.
        Volume.usedBy	Names of the containers that use it.
        VolumeCreate	Creates a volume and answers once its storage is durable; answers the same for one that exists with the same specification.¶Fails with `notFound`, `conflict`, `precondition`, `pending`, `unavailable`, `unsupported`, `pluginCrashed`, `pluginProtocol`.
        VolumeCreate.capacityBytes	Upper bound in bytes; `nil` lets the provider decide.
        VolumeCreate.name	2 to 255 characters `[a-zA-Z0-9][a-zA-Z0-9_.-]+`; 64 hexadecimal digits are made up where missing.
        VolumeInspect	One volume.¶Fails with `notFound`.
        VolumeList	Volumes by name.
        VolumePrune	Removes volumes that no container uses: the unnamed ones, or all.
        VolumePrune.all	Whether named volumes go too.
        VolumeRemove	Removes volumes that no container uses, with their data.¶Fails with `notFound`, `conflict`, `precondition`, `unavailable`, `unsupported`, `pluginCrashed`, `pluginProtocol`.
        VolumeRemove.force	Whether a missing volume is no error.
        """#
}
