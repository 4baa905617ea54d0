/**
 * Configures the access to Azure Speech from the settings: endpoint, region or container; key or Azure credential
 * chain.
 */

import type { TokenCredential } from "@azure/identity";

import type { AzureAccess } from "./azure.ts";
import type { AudioSettings } from "./settings.ts";

const SCOPE = "https://cognitiveservices.azure.com/.default";

/**
 * Returns the access: to a container, else an endpoint, else a region; with the key where one is set, else with the
 * credential chain. `chain` creates the chain and is called only when it is needed.
 */
export function azureAccess(
  settings: AudioSettings,
  chain: () => Promise<TokenCredential> = defaultChain,
): AzureAccess {
  const { AZURE_SPEECH_KEY: key, AZURE_SPEECH_REGION: region, AZURE_SPEECH_ENDPOINT: endpoint } = settings;
  const { AZURE_SPEECH_RESOURCE_ID: resourceId, AZURE_SPEECH_HOST: host } = settings;
  const secrets = new Set([key]);
  let credential: Promise<TokenCredential> | null = null;
  const token = async () => {
    credential ??= chain();
    const text = (await (await credential).getToken(SCOPE))?.token ?? "";
    secrets.add(text);
    return text;
  };
  return {
    secrets: () => [...secrets],
    async config({ SpeechConfig }) {
      // A container needs no key, but the SDK needs a text.
      if (host !== "") return SpeechConfig.fromHost(new URL(host), key || "none");
      if (endpoint !== "" && key !== "") return SpeechConfig.fromEndpoint(new URL(endpoint), key);
      if (endpoint !== "") {
        const text = await token();
        return SpeechConfig.fromEndpoint(new URL(endpoint), {
          getToken: async () => ({ token: text, expiresOnTimestamp: 0 }),
        });
      }
      if (key !== "") return SpeechConfig.fromSubscription(key, region);
      return SpeechConfig.fromAuthorizationToken(`aad#${resourceId}#${await token()}`, region);
    },
  };
}

async function defaultChain(): Promise<TokenCredential> {
  const { DefaultAzureCredential } = await import("@azure/identity");
  return new DefaultAzureCredential();
}
