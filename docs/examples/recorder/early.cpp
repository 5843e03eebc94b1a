// A requester that adds a volume before it began a set, with its calls recorded. On Windows it includes <vsbackup.h>;
// here VSS is a few lines that answer as it would, so that the example runs everywhere.
#include <cstdint>
#include "vss_recorder.h"

using HRESULT = int32_t;
struct GUID { uint32_t Data1; uint16_t Data2, Data3; uint8_t Data4[8]; };
static constexpr HRESULT S_OK = 0, VSS_E_BAD_STATE = HRESULT(0x80042301);
struct IVssBackupComponents {
    HRESULT InitializeForBackup(const wchar_t*) { return S_OK; }
    HRESULT SetContext(long) { return S_OK; }
    HRESULT AddToSnapshotSet(const wchar_t*, GUID, GUID*) { return VSS_E_BAD_STATE; }
    unsigned long Release() { return 0; }
};
static HRESULT CreateVssBackupComponents(IVssBackupComponents** made) { return *made = new IVssBackupComponents, S_OK; }

int main(int count, char** words) {
    vss_recorder::Recorder log(count > 1 ? words[1] : "early.jsonl");
    IVssBackupComponents* bc = nullptr;
    HRESULT hr = CreateVssBackupComponents(&bc);
    log.call("CreateVssBackupComponents").returned(hr).out("ppBackup", bc);
    hr = bc->InitializeForBackup(nullptr);
    log.call("IVssBackupComponents::InitializeForBackup", bc).in("bstrXML", nullptr).returned(hr);
    hr = bc->SetContext(0);
    log.call("IVssBackupComponents::SetContext", bc).in("lContext", 0L).returned(hr);
    log.note("the volumes: those of the plan \"nightly\"");
    GUID provider{}, snapshot{};
    const wchar_t* volume = L"D:\\B\u00FCcher \U0001F4DA\\";
    hr = bc->AddToSnapshotSet(volume, provider, &snapshot);
    log.call("IVssBackupComponents::AddToSnapshotSet", bc)
        .in("pwszVolumeName", volume)
        .in("ProviderId", provider)
        .returned(hr);
    log.call("IUnknown::Release", bc);
    bc->Release(), delete bc;
}
