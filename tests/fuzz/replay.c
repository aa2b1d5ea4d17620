/* SPDX-License-Identifier: Apache-2.0 */
/* Stands in for libFuzzer where there is none: every file of the directories named is one input. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_LIMIT ((size_t)1 << 20)

static int replay_file(const char *path)
{
    uint8_t *data = malloc(INPUT_LIMIT);
    FILE *file = fopen(path, "rb");
    if (!file || !data) {
        fprintf(stderr, "cannot read %s\n", path);
        exit(1);
    }
    size_t size = fread(data, 1, INPUT_LIMIT, file);
    fclose(file);
    LLVMFuzzerTestOneInput(data, size);
    free(data);
    return 1;
}

static int replay_directory(const char *directory)
{
    char path[4096];
    int n = 0;
    DIR *entries = opendir(directory);
    if (!entries) {
        fprintf(stderr, "cannot open %s\n", directory);
        exit(1);
    }
    for (struct dirent *entry = readdir(entries); entry; entry = readdir(entries)) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
        n += replay_file(path);
    }
    closedir(entries);
    return n;
}

int main(int argc, char **argv)
{
    int n = 0;
    for (int i = 1; i < argc; i++)
        n += replay_directory(argv[i]);
    printf("%d inputs replayed\n", n);
    return n ? 0 : 1;
}
