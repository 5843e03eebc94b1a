// A backup without components, from a shadow copy of C:\, over the wire of vss-sim.
// POSIX and C++17, standard libraries only: g++ -std=c++17 -o backup backup.cpp && ./backup vss-sim serve
#include <unistd.h>
#include <cstdio>
#include <iostream>
#include <stdexcept>
#include <string>
using std::string;

static FILE *requests, *replies;
static void start(char** command) {
    int there[2], back[2];
    if (pipe(there) || pipe(back)) throw std::runtime_error("cannot make pipes");
    if (fork() == 0) {
        dup2(there[0], STDIN_FILENO), dup2(back[1], STDOUT_FILENO);
        for (int end : {there[0], there[1], back[0], back[1]}) close(end);
        execvp(command[0], command), _exit(127);
    }
    close(there[0]), close(back[1]), requests = fdopen(there[1], "w"), replies = fdopen(back[0], "r");
}
static string call(const string& method, const string& on = "", const string& arguments = "{}") {
    string target = on.empty() ? "" : ", \"on\": \"" + on + "\", \"in\": " + arguments, reply;
    fprintf(requests, "{\"call\": \"%s\"%s}\n", method.c_str(), target.c_str()), fflush(requests);
    for (int sign; (sign = fgetc(replies)) != EOF && sign != '\n';) reply += char(sign);
    if (reply.find("\"returns\":") == string::npos) throw std::runtime_error(method + ": " + reply);
    return reply;
}
// The first text of this name: enough for the replies met here. A larger program takes a JSON library.
static string text(const string& reply, const string& name) {
    string found, begin = "\"" + name + "\":\"";
    size_t at = reply.find(begin);
    if (at == string::npos) throw std::runtime_error("no " + name + " in " + reply);
    for (at += begin.size(); reply.at(at) != '"'; ++at) found += reply[at] == '\\' ? reply[++at] : reply[at];
    return found;
}
static void finish(const string& method, const string& on, const string& result) {
    call("IVssAsync::Wait", text(call(method, on), result));
}
int main(int, char** words) try {
    start(words + 1);
    const string backup = "IVssBackupComponents::", volume = R"({"pwszVolumeName": "C:\\"})";
    string bc = text(call("CreateVssBackupComponents"), "ppBackup");
    call(backup + "InitializeForBackup", bc, R"({"bstrXML": null})");
    call(backup + "SetBackupState", bc,
         R"({"bSelectComponents": false, "bBackupBootableSystemState": false, "backupType": "VSS_BT_COPY"})");
    finish(backup + "GatherWriterMetadata", bc, "pAsync");
    string no = call(backup + "AddToSnapshotSet", bc, volume);  // too early, to see what VSS says
    std::cout << "refused by " << text(no, "rule") << ": " << text(no, "says") << "\n";
    call(backup + "StartSnapshotSet", bc);
    string snapshot = text(call(backup + "AddToSnapshotSet", bc, volume), "pidSnapshot");
    finish(backup + "PrepareForBackup", bc, "ppAsync");
    finish(backup + "DoSnapshotSet", bc, "ppAsync");
    string properties = call(backup + "GetSnapshotProperties", bc, "{\"SnapshotId\": \"" + snapshot + "\"}");
    std::cout << "copy from " << text(properties, "m_pwszSnapshotDeviceObject") << "\n";
    finish(backup + "BackupComplete", bc, "ppAsync");
    call("IUnknown::Release", bc);
} catch (const std::exception& error) {
    return std::cerr << error.what() << "\n", 1;
}
