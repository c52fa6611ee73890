// Reads YAML documents from standard input and checks each against the schema of its API version and kind.
import { readFileSync } from "node:fs";
import { parseAllDocuments } from "yaml";

const packages = { "monitoring.coreos.com": "@kubernetes-models/prometheus-operator/monitoring.coreos.com" };
let wrong = 0, count = 0;

for (const document of parseAllDocuments(readFileSync(0, "utf8"))) {
    const object = document.toJS();
    const name = `${object.apiVersion} ${object.kind} ${object.metadata?.name}`;
    const [group, version] = object.apiVersion.includes("/") ? object.apiVersion.split("/") : ["", object.apiVersion];
    try {
        const models = await import(group === "" ? `kubernetes-models/${version}` : `${packages[group] ?? `kubernetes-models/${group}`}/${version}`);
        new models[object.kind](object).validate();
        count++;
    } catch (error) {
        wrong++;
        console.error(`${name}: ${error.message}`);
    }
}

console.log(`${count} objects are as their schemas say`);
process.exit(wrong === 0 ? 0 : 1);
