// A backup without components, from a shadow copy of C:\, over the wire of vss-sim: dotnet run -- vss-sim serve
using System;
using System.Diagnostics;
using System.Text.Json.Nodes;

var wire = new Wire(args);
const string backup = "IVssBackupComponents::";
var bc = (string)wire.Call("CreateVssBackupComponents")["out"]!["ppBackup"]!;

wire.Call(backup + "InitializeForBackup", bc, new JsonObject { ["bstrXML"] = null });
wire.Call(backup + "SetBackupState", bc, new JsonObject
{
    ["bSelectComponents"] = false,
    ["bBackupBootableSystemState"] = false,
    ["backupType"] = "VSS_BT_COPY",
});
wire.Finish(backup + "GatherWriterMetadata", bc, "pAsync");

var no = wire.Call(backup + "AddToSnapshotSet", bc, Volume()); // too early, to see what VSS says
Console.WriteLine($"refused by {no["refusal"]!["rule"]}: {no["refusal"]!["says"]}");

wire.Call(backup + "StartSnapshotSet", bc);
var snapshot = (string)wire.Call(backup + "AddToSnapshotSet", bc, Volume())["out"]!["pidSnapshot"]!;
wire.Finish(backup + "PrepareForBackup", bc, "ppAsync");
wire.Finish(backup + "DoSnapshotSet", bc, "ppAsync");
var properties = wire.Call(backup + "GetSnapshotProperties", bc, new JsonObject { ["SnapshotId"] = snapshot });
Console.WriteLine($"copy from {properties["out"]!["pProp"]!["m_pwszSnapshotDeviceObject"]}");
wire.Finish(backup + "BackupComplete", bc, "ppAsync");
wire.Call("IUnknown::Release", bc);

static JsonObject Volume() => new() { ["pwszVolumeName"] = @"C:\" };

class Wire
{
    private readonly Process server;

    public Wire(string[] command) => server = Process.Start(new ProcessStartInfo(command[0], command[1..])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
    })!;

    public JsonNode Call(string method, string? on = null, JsonObject? arguments = null)
    {
        var message = new JsonObject { ["call"] = method, ["on"] = on, ["in"] = arguments };
        server.StandardInput.WriteLine(message.ToJsonString());
        var reply = JsonNode.Parse(server.StandardOutput.ReadLine()!)!;
        return reply["returns"] != null ? reply : throw new Exception($"{method}: {reply}");
    }

    public void Finish(string method, string on, string result) =>
        Call("IVssAsync::Wait", (string)Call(method, on)["out"]![result]!);
}
