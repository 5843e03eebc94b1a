// A backup without components, from a shadow copy of C:\, over the wire of vss-sim: go run backup.go vss-sim serve
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"os/exec"
)

type values = map[string]any
var requests *json.Encoder
var replies *json.Decoder

func call(method string, on any, in values) values {
	var reply values
	check(requests.Encode(values{"call": method, "on": on, "in": in}))
	check(replies.Decode(&reply))
	if reply["returns"] == nil { // an error, or a call that is not simulated
		log.Fatalf("%s: %v", method, reply)
	}
	return reply
}

func get(reply values, name string) any { return reply["out"].(values)[name] }
func finish(method string, on any, result string) { call("IVssAsync::Wait", get(call(method, on, nil), result), nil) }

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	server := exec.Command(os.Args[1], os.Args[2:]...)
	in, err := server.StdinPipe()
	check(err)
	out, err := server.StdoutPipe()
	check(err)
	check(server.Start())
	requests, replies = json.NewEncoder(in), json.NewDecoder(out)
	backup, volume := "IVssBackupComponents::", values{"pwszVolumeName": `C:\`}
	bc := get(call("CreateVssBackupComponents", nil, nil), "ppBackup")
	call(backup+"InitializeForBackup", bc, values{"bstrXML": nil})
	call(backup+"SetBackupState", bc, values{
		"bSelectComponents": false, "bBackupBootableSystemState": false, "backupType": "VSS_BT_COPY"})
	finish(backup+"GatherWriterMetadata", bc, "pAsync")
	refusal := call(backup+"AddToSnapshotSet", bc, volume)["refusal"].(values) // too early, to see what VSS says
	fmt.Printf("refused by %v: %v\n", refusal["rule"], refusal["says"])
	call(backup+"StartSnapshotSet", bc, nil)
	snapshot := get(call(backup+"AddToSnapshotSet", bc, volume), "pidSnapshot")
	finish(backup+"PrepareForBackup", bc, "ppAsync")
	finish(backup+"DoSnapshotSet", bc, "ppAsync")
	properties := get(call(backup+"GetSnapshotProperties", bc, values{"SnapshotId": snapshot}), "pProp").(values)
	fmt.Println("copy from", properties["m_pwszSnapshotDeviceObject"])
	finish(backup+"BackupComplete", bc, "ppAsync")
	call("IUnknown::Release", bc, nil)
}
