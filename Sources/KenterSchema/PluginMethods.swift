package import JSONRPC
import KenterProtocol

/// Every method of the plugin contract.
package enum PluginMethods {
    package static let all: [any RPCMethod.Type] = life + network + storage + link

    private static let life: [any RPCMethod.Type] = [
        PluginHello.self, PluginConfigure.self, PluginStatus.self, PluginShutdown.self, ProviderReconcile.self,
    ]
    private static let network: [any RPCMethod.Type] = [
        ProviderNetworkValidate.self, ProviderNetworkCreate.self, ProviderNetworkRemove.self,
        ProviderNetworkAttach.self, ProviderNetworkDetach.self, ProviderNetworkPublish.self,
        ProviderNetworkRules.self, ProviderNetworkCheck.self, ProviderNetworkStats.self,
    ]
    private static let storage: [any RPCMethod.Type] = [
        ProviderLayerApply.self, ProviderLayerRemove.self, ProviderRootfsPrepare.self, ProviderRootfsRemove.self,
        ProviderRootfsUsage.self, ProviderVolumeCreate.self, ProviderVolumeRemove.self, ProviderVolumeMount.self,
        ProviderVolumeUnmount.self, ProviderVolumeInspect.self,
    ]
    private static let link: [any RPCMethod.Type] = [
        ProviderLinkDescribe.self, ProviderLinkPlan.self, ProviderLinkEstablish.self, ProviderLinkRevoke.self,
    ]
}
