package import JSONRPC
import KenterProtocol

/// Every method of the engine. A method that is served but not named here, or named but not served, fails a test.
package enum EngineMethods {
    package static let all: [any RPCMethod.Type] =
        engine + images + containers + links + networks + volumes + plugins + events

    private static let engine: [any RPCMethod.Type] = [
        EngineInfo.self, EngineLimits.self, EnginePing.self, EngineShutdown.self, RpcAuth.self, RpcDiscover.self,
    ]
    private static let images: [any RPCMethod.Type] = [
        ImagePull.self, ImageLoad.self, ImageImport.self, ImageList.self, ImageInspect.self, ImageTag.self,
        ImageRemove.self, ImagePrune.self,
    ]
    private static let containers: [any RPCMethod.Type] = [
        ContainerCreate.self, ContainerRun.self, ContainerStart.self, ContainerStop.self, ContainerRestart.self,
        ContainerKill.self, ContainerPause.self, ContainerResume.self, ContainerRemove.self, ContainerRename.self,
        ContainerWait.self, ContainerList.self, ContainerInspect.self, ContainerLogs.self, ContainerExec.self,
        ContainerAttach.self, ContainerCopyOut.self, ContainerCopyIn.self, ContainerTop.self, ContainerStats.self,
        ContainerUpdate.self, ContainerPrune.self,
    ]
    private static let links: [any RPCMethod.Type] = [
        LinkCreate.self, LinkRemove.self, LinkInspect.self, LinkList.self, LinkPlanRequest.self, LinkGraph.self,
    ]
    private static let networks: [any RPCMethod.Type] = [
        NetworkCreate.self, NetworkRemove.self, NetworkConnect.self, NetworkDisconnect.self, NetworkList.self,
        NetworkInspect.self, NetworkPrune.self,
    ]
    private static let volumes: [any RPCMethod.Type] = [
        VolumeCreate.self, VolumeList.self, VolumeInspect.self, VolumeRemove.self, VolumePrune.self,
    ]
    private static let plugins: [any RPCMethod.Type] = [
        PluginList.self, PluginInspect.self, PluginEnable.self, PluginDisable.self, PluginRestart.self,
    ]
    private static let events: [any RPCMethod.Type] = [
        EventsSubscribe.self, EventsUnsubscribe.self, EventsHistory.self,
    ]
}
