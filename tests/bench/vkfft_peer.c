/* vkfft_peer - what VkFFT's kernels reach on the first OpenCL device: transforms alone, of complex floats that lie ready on the
 * device, without conversion, window, power or sums. Prints "LENGTH cf32_le SECONDS" for each length that `svi-worker bench`
 * measures, as fftw_peer does; seconds is that of the fastest round.
 *
 *     cc -O3 vkfft_peer.c -o vkfft_peer -lOpenCL -lm      (Debian: libvkfft-dev)
 *     ./vkfft_peer SAMPLES ROUNDS */
#define VKFFT_BACKEND            3
#define CL_TARGET_OPENCL_VERSION 120
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <vkFFT.h>

enum { LEAST_LENGTH = 256, MOST_LENGTH = 16384, LEAST_FRAMES = 32 };

struct machine {
    cl_platform_id platform;
    cl_device_id device;
    cl_context context;
    cl_command_queue queue;
};

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int open_machine(struct machine *machine)
{
    cl_int code = clGetPlatformIDs(1, &machine->platform, NULL);
    if (code == CL_SUCCESS)
        code = clGetDeviceIDs(machine->platform, CL_DEVICE_TYPE_ALL, 1, &machine->device, NULL);
    if (code == CL_SUCCESS)
        machine->context = clCreateContext(NULL, 1, &machine->device, NULL, NULL, &code);
    if (code == CL_SUCCESS)
        machine->queue = clCreateCommandQueue(machine->context, machine->device, 0, &code);
    return code == CL_SUCCESS;
}

/* As many frames as half of a slice apart would be; false where VkFFT cannot. */
static int measure(struct machine *machine, cl_mem memory, uint64_t length, uint64_t frames, long rounds)
{
    uint64_t bytes = length * frames * 2 * sizeof(float);
    VkFFTConfiguration wishes = { 0 };
    VkFFTApplication plan = { 0 };
    VkFFTLaunchParams launch = { 0 };
    wishes.FFTdim = 1;
    wishes.size[0] = length;
    wishes.numberBatches = frames;
    wishes.platform = &machine->platform;
    wishes.device = &machine->device;
    wishes.context = &machine->context;
    wishes.buffer = &memory;
    wishes.bufferSize = &bytes;
    launch.commandQueue = &machine->queue;
    launch.buffer = &memory;
    if (initializeVkFFT(&plan, wishes) != VKFFT_SUCCESS)
        return 0;
    double least_s = 1e9;
    int ok = 1;
    for (long round = 0; ok && round <= rounds; round++) {
        const double begin_s = now_s();
        ok = VkFFTAppend(&plan, -1, &launch) == VKFFT_SUCCESS && clFinish(machine->queue) == CL_SUCCESS;
        if (round > 0 && now_s() - begin_s < least_s)
            least_s = now_s() - begin_s;
    }
    deleteVkFFT(&plan);
    if (ok)
        printf("%u cf32_le %.6f\n", (unsigned)length, least_s);
    fflush(stdout);
    return ok;
}

int main(int argc, char **argv)
{
    const uint64_t samples = argc > 1 ? strtoull(argv[1], NULL, 10) : 16777216;
    const long rounds = argc > 2 ? strtol(argv[2], NULL, 10) : 5;
    struct machine machine;
    if (rounds < 1 || !open_machine(&machine))
        return 1;
    cl_int code;
    const cl_mem memory = clCreateBuffer(machine.context, CL_MEM_READ_WRITE, 2 * samples * 2 * sizeof(float), NULL, &code);
    const cl_float zero = 0;
    if (code != CL_SUCCESS
        || clEnqueueFillBuffer(machine.queue, memory, &zero, sizeof zero, 0, 2 * samples * 2 * sizeof(float), 0, NULL, NULL)
               != CL_SUCCESS)
        return 1;
    for (uint64_t length = LEAST_LENGTH; length <= MOST_LENGTH && length * LEAST_FRAMES <= samples; length *= 2)
        if (!measure(&machine, memory, length, (samples - length) / (length / 2) + 1, rounds))
            fprintf(stderr, "VkFFT cannot transform %u samples here.\n", (unsigned)length);
    return 0;
}
